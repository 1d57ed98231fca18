"""Compares a maildir with the list that was written to, letter by letter.

    mailbox_check.py MAILDIR subscribers.toml KEY

What a letter must say is worked out here a second time, by another language's libraries: the names and
addresses from the list, the link to leave from the publication's key (HMAC-SHA-256, RFC 2104).
"""

import base64
import email.header
import email.policy
import email.utils
import hashlib
import hmac
import mailbox
import sys
import tomllib
from html.parser import HTMLParser

LIST_ID = "small.press.example"
WEB = "https://press.example"


def main(maildir, subscribers, key):
    with open(subscribers, "rb") as file:
        readers = tomllib.load(file)["subscriber"]
    with open(key, "rb") as file:
        secret = file.read()
    expected = {}
    for reader in readers:
        address = reader["email"]
        is_active = reader.get("status", "active") == "active"
        if is_active and address.lower() not in expected:
            expected[address.lower()] = what_it_must_say(reader, secret)
    found = {}
    faults = []
    for message in mailbox.Maildir(maildir, factory=parsed):
        address = str(message["Delivered-To"]).lower()
        if address in found:
            faults.append(f"{address}: two letters")
        found[address] = what_it_says(message)
    for address in sorted(expected.keys() | found.keys()):
        faults += differences(address, expected.get(address), found.get(address))
    for fault in faults[:20]:
        print(fault)
    print(f"{len(found)} letters, {len(faults)} faults")
    return 1 if faults else 0


def parsed(file):
    return email.message_from_binary_file(file, policy=email.policy.default)


def code(secret, purpose, *parts):
    """The parts are told apart by their lengths; 128 bits are kept."""
    data = b"".join(len(p.encode()).to_bytes(8, "big") + p.encode() for p in (purpose, *parts))
    return hmac.new(secret, data, hashlib.sha256).hexdigest()[:32]


def token_of(secret, mailbox):
    """The number of the key, and 128 bits in base64url."""
    octets = bytes.fromhex(code(secret, "leave", LIST_ID, mailbox))
    return "0" + base64.urlsafe_b64encode(octets).decode().rstrip("=")


def what_it_must_say(reader, secret):
    address = reader["email"]
    first = reader["first_name"]
    # Two spellings of one mailbox are one reader: the first is written to, both have one token.
    token = token_of(secret, address.lower())
    leave = f"{WEB}/u/{token}"
    return {
        "from": ("The Small Letter", "letter@press.example"),
        "to": (f"{first} {reader['last_name']}", address),
        "delivered to": address,
        "return path": "<letter@press.example>",
        "subject": f"a: a word to {first}",
        "message id": f"<{code(secret, 'message', LIST_ID, 'a', address.lower())}@press.example>",
        "list id": f"The Small Letter <{LIST_ID}>",
        "list unsubscribe": f"<{leave}>, <mailto:leave@press.example?subject=leave%20{token}>",
        "list unsubscribe post": "List-Unsubscribe=One-Click",
        "date": "Mon, 30 Nov 2020 08:00:00 +0000",
        "parts": ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"],
        "greeting in text": f"This is a small letter for {first}.",
        "greeting in html": f"This is a small letter for {first}.",
        "leave links in text": {leave},
        "leave links in html": {leave},
        "defects": [],
    }


def what_it_says(message):
    text = message.get_body(("plain",)).get_content()
    page = Page()
    page.feed(message.get_body(("html",)).get_content())
    return {
        "from": mailbox_of(message, "From"),
        "to": mailbox_of(message, "To"),
        "delivered to": str(message["Delivered-To"]),
        "return path": str(message["Return-Path"]),
        "subject": str(message["Subject"]),
        "message id": str(message["Message-ID"]),
        "list id": str(message["List-Id"]),
        "list unsubscribe": " ".join(str(message["List-Unsubscribe"]).split()),
        "list unsubscribe post": str(message["List-Unsubscribe-Post"]),
        "date": str(message["Date"]),
        "parts": [part.get_content_type() for part in message.walk()],
        "greeting in text": greeting(" ".join(text.split())),
        "greeting in html": greeting(" ".join("".join(page.text).split())),
        "leave links in text": {word.strip("<>()") for word in text.split() if "/u/" in word},
        "leave links in html": {link for link in page.links if "/u/" in link},
        "defects": [str(d) for part in message.walk() for d in part.defects],
    }


def mailbox_of(message, field):
    """By the older of Python's two parsers: the newer one keeps the white space between two encoded words of a
    display name (3.11), which RFC 2047 section 6.2 says is not shown."""
    (raw,) = [value for name, value in message.raw_items() if name == field]
    ((name, address),) = email.utils.getaddresses([raw])
    return str(email.header.make_header(email.header.decode_header(name))), address


def greeting(text):
    """From the greeting's first word to the first full stop that ends it."""
    start = text.find("This is a small letter")
    return text[start : text.find(".", start + 1) + 1] if start >= 0 else None


class Page(HTMLParser):
    """The text that is shown, and where its links lead."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.links = [], []

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes if tag == "a" and name == "href"]

    def handle_data(self, data):
        self.text.append(data)


def differences(address, expected, found):
    if expected is None:
        return [f"{address}: a letter that should not be"]
    if found is None:
        return [f"{address}: no letter"]
    return [
        f"{address}: {what}: {found[what]!r} instead of {wanted!r}"
        for what, wanted in expected.items()
        if found[what] != wanted
    ]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
