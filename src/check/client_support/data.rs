//! The data of caniemail.com: which mail client supports which feature of HTML and CSS.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The data, parsed at first use: most templates use no unusual feature.
static DATA: LazyLock<Data> = LazyLock::new(|| {
    serde_json::from_str(include_str!("caniemail.json")).expect("the data are tested")
});

#[derive(Deserialize)]
struct Data {
    last_update_date: String,
    data: Vec<Feature>,
}

/// A feature with its support in mail clients.
#[derive(Deserialize)]
pub(super) struct Feature {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) last_test_date: String,
    /// Support by family, platform and version. Versions are in the order of the file, the latest last.
    stats: BTreeMap<String, BTreeMap<String, serde_json::Map<String, serde_json::Value>>>,
}

/// The date of the data, such as `2025-09-09`.
pub(super) fn date() -> &'static str {
    DATA.last_update_date.get(..10).unwrap_or_default()
}

/// The feature with this slug.
pub(super) fn feature(slug: &str) -> Option<&'static Feature> {
    DATA.data.iter().find(|feature| feature.slug == slug)
}

/// The most common clients: family, platform, and name.
const CLIENTS: [(&str, &str, &str); 12] = [
    ("gmail", "desktop-webmail", "Gmail"),
    ("gmail", "ios", "Gmail on iOS"),
    ("gmail", "android", "Gmail on Android"),
    ("outlook", "windows", "Outlook on Windows"),
    ("outlook", "outlook-com", "Outlook.com"),
    ("outlook", "macos", "Outlook on the Mac"),
    ("apple-mail", "macos", "Apple Mail"),
    ("apple-mail", "ios", "Apple Mail on iOS"),
    ("thunderbird", "macos", "Thunderbird"),
    ("yahoo", "desktop-webmail", "Yahoo"),
    ("gmx", "desktop-webmail", "GMX"),
    ("orange", "desktop-webmail", "Orange"),
];

impl Feature {
    /// The clients whose latest version does not support it.
    pub(super) fn lacking(&self) -> Vec<&'static str> {
        let clients = CLIENTS.iter();
        clients
            .filter(|(family, platform, _)| self.support(family, platform).starts_with('n'))
            .map(|(_, _, name)| *name)
            .collect()
    }

    fn support(&self, family: &str, platform: &str) -> &str {
        let versions = self.stats.get(family).and_then(|f| f.get(platform));
        let latest = versions.and_then(|versions| versions.values().next_back());
        latest
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_version_is_the_last_of_the_file() {
        assert_eq!(date(), "2025-09-09");
        let flex = feature("css-display-flex").expect("a feature");
        assert_eq!(flex.lacking(), ["Outlook on Windows", "GMX", "Orange"]);
        assert!(feature("css-display").is_some_and(|feature| feature.lacking().is_empty()));
    }
}
