//! Line breaks in the source, where they change nothing that is seen.
//!
//! RFC 5322 section 2.1.1 ends a line at 998 octets; a relay that cuts a longer one cuts a tag in two. The
//! transfer encoding keeps that from happening, but whoever reads the source should not have to scroll.

/// Elements behind whose end tag white space means nothing.
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

/// The document with a line break behind each block; lines inside `pre` are left alone.
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
