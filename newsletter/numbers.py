"""Numbers as people read them."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 story", "1,200 stories". Without `many` the plural is `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def percent(share: float | None) -> str:
    """Such as "97.3 %", "0.03 %"; "–" for nothing."""
    if share is None:
        return "–"
    digits = 2 if 0 < share < 0.001 else 1  # noqa: PLR2004 # complaints are counted in hundredths
    return f"{100 * share:.{digits}f} %"
