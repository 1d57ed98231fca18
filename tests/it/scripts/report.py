"""Reads the JSON of `franking check` and says each finding in a line: what a program would make of it."""

import json
import sys


def said(place):
    start, end = place["start"], place["end"]
    assert (start["line"], start["column"]) <= (end["line"], end["column"])
    return f"{place['file']}:{start['line']}:{start['column']}"


report = json.load(open(sys.argv[1], encoding="utf-8"))
assert report["version"] == 1
for finding in report["findings"]:
    assert set(finding) == {"severity", "code", "message", "hint", "place", "related", "contributor"}
    places = [finding["place"], (finding["related"] or {}).get("place")]
    where = [said(place) for place in places if place]
    print(finding["severity"], finding["code"], *where, finding["contributor"] or "", sep=" | ")
