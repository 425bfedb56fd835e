"""Numbers with their nouns, as a sentence has them."""


def counted(count: int, noun: str) -> str:
    """1 process, 2 processes, 0 rows."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun}{'es' if noun.endswith('s') else 's'}"
