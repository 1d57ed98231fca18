//! Where in an HTML document a placeholder is, which decides how its value is escaped.

/// The position of the scan in a well-formed document: in text, in a tag, or in an attribute's value.
///
/// The documents come from one serialiser, which quotes every value with `"`.
#[derive(Default)]
pub(super) struct HtmlState {
    read: usize,
    in_tag: bool,
    pub(super) attribute: Option<AttributeState>,
}

/// The attribute whose value is being read.
#[derive(Clone, Copy)]
pub(super) struct AttributeState {
    /// The offset of the value's first byte.
    pub(super) start: usize,
    pub(super) is_url: bool,
}

impl HtmlState {
    /// Skips from one character that changes the state to the next.
    pub(super) fn read_html(&mut self, before: &str) {
        while let Some(found) = self.next_change(&before[self.read..]) {
            let at = self.read + found;
            match before.as_bytes()[at] {
                b'"' if self.attribute.is_some() => self.attribute = None,
                b'"' => self.attribute = Some(AttributeState::after(&before[..at])),
                b'<' => self.in_tag = true,
                _ => self.in_tag = false,
            }
            self.read = at + 1;
        }
        self.read = before.len();
    }

    fn next_change(&self, rest: &str) -> Option<usize> {
        if self.attribute.is_some() {
            rest.find('"')
        } else if self.in_tag {
            rest.find(['"', '>'])
        } else {
            rest.find('<')
        }
    }
}

impl AttributeState {
    /// The attribute whose opening quote follows `before`.
    fn after(before: &str) -> Self {
        let name = before.strip_suffix('=').unwrap_or(before);
        let is_url = [" href", " src"].iter().any(|url| name.ends_with(url));
        Self {
            start: before.len() + 1,
            is_url,
        }
    }
}
