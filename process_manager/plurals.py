"""Numbers with their nouns, for sentences."""


def counted(count: int, noun: str) -> str:
    """Return the number with its noun: 1 process, 2 processes, 0 rows."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun}{'es' if noun.endswith('s') else 's'}"
