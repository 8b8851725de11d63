def space(text: str) -> dict[str, str]:
    return {"space": text.split()[0]}
