//! Names in unit files (systemd.unit(5)).

/// Checks the name of units, without their type.
///
/// # Errors
/// When a character is not allowed in unit names, or the name is too long.
pub fn parse_unit_name(text: &str) -> Result<String, String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_.-:".contains(c);
    let is_name = !text.is_empty() && text.len() <= 200 && text.chars().all(is_allowed);
    valid(text, is_name, "use letters, digits, `.`, `_`, `:` and `-`")
}

/// Checks the name or the number of a user.
///
/// # Errors
/// When it cannot be one.
pub fn parse_user_name(text: &str) -> Result<String, String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_name = !text.is_empty() && text.chars().all(is_allowed) && !text.starts_with(['-', '.']);
    valid(text, is_name, "use the name or the number of a user")
}

/// Checks the name of a unit with its type; systemd expands specifiers such as `%n`.
///
/// # Errors
/// When it has no type, or a character that is not allowed.
pub fn parse_unit(text: &str) -> Result<String, String> {
    const KINDS: [&str; 6] = ["service", "target", "socket", "path", "timer", "mount"];
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_.-:@%\\".contains(c);
    let kind = text.rsplit_once('.').map(|(_, kind)| kind);
    let is_unit = text.chars().all(is_allowed) && kind.is_some_and(|kind| KINDS.contains(&kind));
    let hint = "write the whole name of a unit, such as `mail-alert@%n.service`";
    valid(text, is_unit, hint)
}

fn valid(text: &str, is_valid: bool, hint: &str) -> Result<String, String> {
    match is_valid {
        true => Ok(text.to_owned()),
        false => Err(hint.to_owned()),
    }
}
