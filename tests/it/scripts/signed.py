"""Verifies the first DKIM signature of every file with dkimpy: a file with DNS records, then the messages.

A record is a line: its name, a space, its text. Prints JSON: the name of a file, and whether it verified.
"""

import json
import pathlib
import sys

import dkim

lines = pathlib.Path(sys.argv[1]).read_text().splitlines()
records = dict(line.split(" ", 1) for line in lines)


def lookup(name, timeout=5):
    text = records.get(name.decode().rstrip("."))
    return text and text.encode()


def verifies(path):
    try:
        return dkim.DKIM(path.read_bytes()).verify(dnsfunc=lookup)
    except dkim.DKIMException as error:
        print(path.name, error, file=sys.stderr)
        return False


print(json.dumps({path.name: verifies(path) for path in map(pathlib.Path, sys.argv[2:])}))
