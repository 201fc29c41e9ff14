"""Numbers as people read them."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 story", "1,200 stories". Without `many` the plural is `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
