"""What Python's strict parser makes of a message, as JSON; any defect ends the script with exit code 1.

Called with the message's file. Checks what a receiver may insist on, then prints what the message holds.
"""

import email
import email.policy
import html.parser
import json
import re
import sys

QUOTED_PRINTABLE = re.compile(r"([!-<>-~\t ]|=[0-9A-F]{2})*(=|(?<![\t ]))")
BASE64 = re.compile(r"[A-Za-z0-9+/]*=?=?")
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}


class Page(html.parser.HTMLParser):
    """The elements, links, pictures and words of an HTML part."""

    def __init__(self):
        super().__init__()
        self.elements, self.links, self.pictures, self.words = [], [], [], []
        self.handlers, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "href":
                self.links.append(value)
            if name == "src":
                self.pictures.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)


def check_lines(raw):
    assert b"\r\n" in raw and not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "a bare CR or LF"
    for line in raw.split(b"\r\n"):
        assert len(line) <= 998, f"a line of {len(line)} octets"
        assert all(octet < 127 for octet in line), f"not in seven bits: {line!r}"
    for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
        # A line can be folded where a space stands inside it; the one behind the colon is none.
        folds = line.strip().partition(b": ")[2] or line.strip()
        assert len(line) <= 78 or b" " not in folds.strip(), f"a long header line: {line!r}"


def check_part(part):
    assert not part.defects, part.defects
    for name, value in part.items():
        assert not value.defects, (name, value.defects)
    if part.is_multipart():
        return
    encoding = part["content-transfer-encoding"]
    assert encoding in ("quoted-printable", "base64"), encoding
    for line in part.get_payload().splitlines():
        assert len(line) <= 76, f"an encoded line of {len(line)} octets"
        good = QUOTED_PRINTABLE if encoding == "quoted-printable" else BASE64
        assert good.fullmatch(line), f"no {encoding}: {line!r}"
    part.get_content()


def related_pictures(message):
    pictures = {}
    for part in message.walk():
        if part.get_content_maintype() == "image":
            pictures[part["content-id"].strip("<>")] = part.get_content_type()
    return pictures


def mailbox(message, field):
    """Display name and address of the one mailbox in a field.

    Python 3.11 keeps the folds between the encoded words of a display name, which RFC 2047 section 6.2 drops;
    its reader of unstructured fields does drop them.
    """
    [mailbox] = message[field].addresses
    name = mailbox.display_name
    raw = next(value for key, value in message.raw_items() if key.lower() == field)
    if raw.startswith("=?"):
        words = "".join(raw.rpartition(" <")[0].splitlines())
        name = str(email.policy.strict.header_factory("subject", words))
    return [name, mailbox.addr_spec]


def main(path):
    with open(path, "rb") as file:
        raw = file.read()
    check_lines(raw)
    message = email.message_from_bytes(raw, policy=email.policy.strict)
    for part in message.walk():
        check_part(part)
    text = message.get_body(("plain",)).get_content()
    source = message.get_body(("html",)).get_content()
    page = Page()
    page.feed(source)
    page.close()
    assert not page.open, page.open
    pictures = related_pictures(message)
    used = [url.removeprefix("cid:") for url in page.pictures if url.startswith("cid:")]
    assert set(used) == set(pictures), (used, pictures)
    print(
        json.dumps(
            {
                "names": message.keys(),
                "from": mailbox(message, "from"),
                "to": mailbox(message, "to"),
                "subject": message["subject"],
                "types": [part.get_content_type() for part in message.walk()],
                "text": text,
                "links": page.links,
                "pictures": page.pictures,
                "elements": sorted(set(page.elements)),
                "handlers": page.handlers,
                "words": "".join(page.words),
            }
        )
    )


main(sys.argv[1])
