//! Words of other languages as values: `null`, `yes`, `True`.

/// The message and the hint about a word of another language or format.
pub(super) fn word(value: &str) -> Option<(String, String)> {
    let right = match value.to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => "true",
        "false" | "no" | "off" | "n" => "false",
        "null" | "nil" | "none" | "undefined" | "~" => {
            let hint = "delete the line to leave the key unset";
            return Some((format!("TOML has no `{value}`"), hint.to_owned()));
        }
        "|" | ">" | "|-" | ">-" => {
            let hint = "a multi-line string starts and ends with `\"\"\"`";
            return Some((
                format!("`{value}` does not start a string"),
                hint.to_owned(),
            ));
        }
        _ => return None,
    };
    let hint = format!("write `{right}`, or `\"{value}\"` for a string");
    Some((format!("`{value}` is not a TOML value"), hint))
}
