//! A look: `templates/NAME/` with `theme.toml`, `style.css` and pictures.
