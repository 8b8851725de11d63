from runner.tools.context import Resource


def titles(library: Resource["libary"], limit: int = 20) -> list[str]:
    """The titles."""
    return [row["title"] for row in library.execute("SELECT title FROM books LIMIT ?", (limit,))]
