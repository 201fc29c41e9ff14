"""What counts as a name. Pure."""

LENGTH = 200
JOINERS = "\u200c\u200d"  # invisible, but Persian names and Indian scripts are misspelt without them


def clean(text: str) -> str:
    """A display name on one line, without control characters, 200 characters at most."""
    if text.isprintable():  # most are, and a file may hold a million
        return " ".join(text.split())[:LENGTH]
    printable = "".join(char if char.isprintable() or char in JOINERS else " " for char in text)
    return " ".join(printable.split())[:LENGTH]
