"""The lengths of the header lines of a message, and the URIs of List-Unsubscribe, as JSON.

Called with the message's file. The lines are those of the bytes; the field is read by Python's strict parser.
"""

import email
import email.policy
import json
import re
import sys


def main(path):
    with open(path, "rb") as file:
        octets = file.read()
    head = octets.split(b"\r\n\r\n", 1)[0]
    message = email.message_from_bytes(octets, policy=email.policy.default)
    unsubscribe = str(message["List-Unsubscribe"])
    print(
        json.dumps(
            {
                "long": [line.decode() for line in head.split(b"\r\n") if len(line) > 78],
                "trailing": [line.decode() for line in head.split(b"\r\n") if line.endswith(b" ")],
                "uris": re.findall("<([^<> ]*)>", unsubscribe),
                "defects": [str(d) for part in message.walk() for d in part.defects],
            }
        )
    )


main(*sys.argv[1:])
