"""A browser without a person: goes to the address that it is given, and agrees by going where it is sent."""

import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1]) as answer:  # noqa: S310 - of the test itself
    sys.exit(0 if b"closed" in answer.read() else 1)
