"""Joins the lines of a flowed text as RFC 3676 section 4 says, and compares them with a wrapped one's.

Called with two messages of the same letter, the flowed one first. Prints each line that was joined.
"""

import email
import email.policy
import sys


def plain(file):
    with open(file, "rb") as opened:
        message = email.message_from_binary_file(opened, policy=email.policy.default)
    return message.get_body(("plain",))


def unflowed(text):
    lines, is_open = [], False
    for line in text.split("\n"):
        assert len(line) <= 78 or " " not in line.strip(), line
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        content = f"> {content}" if depth else content
        assert not line.startswith("From "), line
        if is_open:
            assert depth == 0, line
            lines[-1] += content
        else:
            lines.append(content)
        is_open = content.endswith(" ")
    assert not is_open, "the last line is open"
    return lines


flowed, wrapped = (plain(file) for file in sys.argv[1:3])
parameters = dict(flowed["content-type"].params)
assert parameters == {"charset": "utf-8", "format": "flowed"}, parameters
assert "format" not in wrapped["content-type"].params

rest = [line.rstrip() for line in wrapped.get_content().split("\n")]
for line in unflowed(flowed.get_content()):
    whole, parts = rest.pop(0), 1
    while whole != line and len(whole) < len(line):
        whole, parts = f"{whole} {rest.pop(0)}", parts + 1
    assert whole == line, (line, whole)
    if parts > 1:
        print(line)
assert rest == [], rest
