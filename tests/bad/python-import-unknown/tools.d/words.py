import jsn
from helping import split

try:
    import nowhere_at_all
except ImportError:
    nowhere_at_all = None

import no_such_package.part


def count(text: str) -> int:
    import neither_here

    return len(split(text))


def size(text: str) -> int:
    return len(text)
