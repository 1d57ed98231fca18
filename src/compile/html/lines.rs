//! Line breaks in the source, where they do not affect rendering.
//!
//! RFC 5322 section 2.1.1 limits a line to 998 octets. The transfer encoding ensures that; these line breaks keep the
//! source readable.

/// End tags after which white space has no effect.
const BLOCKS: [&str; 12] = [
    "</p>",
    "</h1>",
    "</h2>",
    "</h3>",
    "</h4>",
    "</li>",
    "</ul>",
    "</ol>",
    "</div>",
    "</style>",
    "</head>",
    "</blockquote>",
];

/// The document with a line break after each block. The lines in `pre` are not changed.
pub(super) fn broken(document: &str) -> String {
    let mut out = String::with_capacity(document.len() + 512);
    let mut rest = document;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"</") {
        let end = memchr::memchr(b'>', &rest.as_bytes()[at..]);
        let end = end.map_or(rest.len(), |i| at + i + 1);
        out.push_str(&rest[..end]);
        if BLOCKS.contains(&&rest[at..end]) {
            out.push('\n');
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
