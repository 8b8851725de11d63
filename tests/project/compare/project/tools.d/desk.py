"""Functions of the pack."""


def read(text: str, status: int, url: str) -> dict[str, str]:
    """Reads an answer."""
    return {"read": f"{text} {status} {url}"}


def skim(text: str, status: int, url: str) -> dict[str, str]:
    """Reads it otherwise."""
    return {"skimmed": f"{text} {status} {url}"}
