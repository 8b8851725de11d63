def count(text: str) -> int:
    return len(text.split()


def number(text: str) -> int:
    return len(text)
