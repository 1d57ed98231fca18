//! A header field written in lines of at most 78 octets (RFC 5322 section 2.1.1).

const LONGEST_LINE: usize = 78;
/// What a signature by RSA takes.
const USUAL_LENGTH: usize = 1024;

/// A field that grows.
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

    /// Adds `tag` behind a space, on a line of its own where it would not fit.
    pub(super) fn add_tag(&mut self, tag: &str) {
        if self.column + 1 + tag.len() > LONGEST_LINE {
            self.break_line();
        } else {
            self.text.push(' ');
            self.column += 1;
        }
        self.push(tag);
    }

    /// Adds names with colons between them and a semicolon at the end; a line may end behind a colon.
    pub(super) fn add_list(&mut self, names: &[&str]) {
        for (number, name) in (1..).zip(names) {
            if self.column + name.len() + 1 > LONGEST_LINE {
                self.break_line();
            }
            self.push(name);
            self.push(if number == names.len() { ";" } else { ":" });
        }
    }

    /// Adds ASCII that may be broken anywhere, such as base64. It begins on the line that is there: not every
    /// verifier removes white space between `b=` and its value.
    pub(super) fn add_long(&mut self, value: &str) {
        let mut rest = value;
        loop {
            let room = LONGEST_LINE.saturating_sub(self.column).max(1);
            let (line, after) = rest.split_at(room.min(rest.len()));
            self.push(line);
            if after.is_empty() {
                return;
            }
            self.break_line();
            rest = after;
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
    fn lines_are_full_and_not_longer() {
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
