//! Folding of a header field into lines of at most 78 octets (RFC 5322 section 2.1.1).

const LONGEST_LINE: usize = 78;
/// The initial capacity in octets, enough for a field with an RSA signature.
const USUAL_LENGTH: usize = 1024;

/// A header field under construction, folded as it grows.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) text: String,
    column: usize,
}

impl Folded {
    pub(super) fn new(name: &str) -> Self {
        let mut text = String::with_capacity(USUAL_LENGTH);
        text.push_str(name);
        Self {
            text,
            column: name.len(),
        }
    }

    /// Adds a space and `tag`, on a new line if `tag` does not fit the current one.
    pub(super) fn add_tag(&mut self, tag: &str) {
        match self.has_room(1 + tag.len()) {
            true => self.push(" "),
            false => self.break_line(),
        }
        self.push(tag);
    }

    /// Adds `names`, separated by colons and followed by a semicolon; lines may break after a colon.
    pub(super) fn add_list(&mut self, names: &[&str]) {
        for (number, name) in (1..).zip(names) {
            self.make_room(name.len() + 1);
            self.push(name);
            self.push(if number == names.len() { ";" } else { ":" });
        }
    }

    /// Adds ASCII that may be broken anywhere, such as base64. It starts on the current line, because not every verifier
    /// ignores white space between `b=` and its value.
    pub(super) fn add_long(&mut self, value: &str) {
        let mut rest = value;
        loop {
            let space = LONGEST_LINE.saturating_sub(self.column).max(1);
            let (line, after) = rest.split_at(space.min(rest.len()));
            self.push(line);
            if after.is_empty() {
                return;
            }
            self.break_line();
            rest = after;
        }
    }

    /// Whether `length` more octets fit the current line.
    fn has_room(&self, length: usize) -> bool {
        self.column + length <= LONGEST_LINE
    }

    /// Starts a new line if `length` more octets do not fit the current one.
    fn make_room(&mut self, length: usize) {
        if !self.has_room(length) {
            self.break_line();
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.len();
    }

    fn break_line(&mut self) {
        self.text.push_str("\r\n ");
        self.column = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_up_to_the_limit() {
        let mut field = Folded::new("Name:");
        field.add_tag(&"t".repeat(72));
        field.add_tag("h=");
        field.add_list(&["n"; 60]);
        field.add_tag("b=");
        field.add_long(&"v".repeat(200));
        let lengths: Vec<usize> = field.text.split("\r\n").map(str::len).collect();
        assert_eq!(lengths, [78, 77, 78, 78, 78, 19]);
        let unfolded = field.text.replace("\r\n ", "");
        assert!(unfolded.ends_with(&"v".repeat(200)));
        assert!(unfolded.contains(&format!("h={}n; b=v", "n:".repeat(59))));
    }
}
