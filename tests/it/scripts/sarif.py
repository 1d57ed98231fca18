"""Reads a SARIF log and checks what the standard requires of one (OASIS, SARIF 2.1.0)."""

import json
import sys

log = json.load(open(sys.argv[1], encoding="utf-8"))
assert log["version"] == "2.1.0"
assert log["$schema"].startswith("https://")
for run in log["runs"]:
    driver = run["tool"]["driver"]
    assert driver["name"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules))
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"] + result.get("relatedLocations", []):
            place = location["physicalLocation"]
            uri = place["artifactLocation"]["uri"]
            assert uri and not set(uri) & set(' "<>\\^`{|}'), uri
            region = place["region"]
            start = (region["startLine"], region["startColumn"])
            assert (1, 1) <= start <= (region["endLine"], region["endColumn"])
        print(result["level"], result["ruleId"], len(result["locations"]))
