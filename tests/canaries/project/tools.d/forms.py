"""Print the values of the environment as programs write them."""

import html
import json
import os
import re
import shlex
import sys
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus


def say(*texts: str) -> None:
    """One line."""
    sys.stdout.write(" ".join(texts) + "\n")


for value in (os.environ["TOKEN"], os.environ["HARD"], os.environ["PIN"]):
    content = value.encode()
    say(json.dumps({"a": value, value: 1}), json.dumps(value, ensure_ascii=False), json.dumps(json.dumps([value])))
    say(repr(value), ascii(value), shlex.quote(value), html.escape(value), html.escape(value, quote=False))
    say(
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
    )
    for text in (content, b"Bearer " + content, b"user:" + content, b"x" + content + b"y", content * 3):
        say(b64encode(text).decode(), urlsafe_b64encode(text).decode())
        encoded = b64encode(text).decode()
        say("\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76)))
    say(content.hex(), content.hex().upper())
