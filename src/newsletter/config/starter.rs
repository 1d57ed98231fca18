//! Values of the `newsletter.toml` that `init` writes, which no newsletter should keep.

use std::sync::Arc;

use crate::diag::{Finding, Findings, Place, Source};
use crate::toml_file::TomlValue;

/// The keys whose starter values recipients would see or reply to.
const VALUES: [(&str, &str); 3] = [
    ("from", "Our Newsletter <news@example.org>"),
    ("unsubscribe_mailto", "leave@example.org"),
    ("address", "Our society, Our street 1, Our town"),
];

/// Reports each starter value that is still in the file.
pub(super) fn report(root: &TomlValue<'_>, source: &Arc<Source>, findings: &mut Findings) {
    let Some(entries) = root.get_ref().as_table() else {
        return;
    };
    for (key, value) in entries {
        let key: &str = key.get_ref();
        let text = value.get_ref().as_str().unwrap_or_default();
        if VALUES.contains(&(key, text)) {
            let message = format!("`{key}` still has the value of the starter newsletter");
            findings.push(
                Finding::warning("starter-text", message)
                    .at(Place::new(source, value.span()))
                    .hint("replace it with your own"),
            );
        }
    }
}
