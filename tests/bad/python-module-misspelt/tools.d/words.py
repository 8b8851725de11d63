def count(text: str, fast: bool = False) -> int:
    return len(text.split())
