"""How long the words of an inbox line may be. Pure."""

SUBJECT_LENGTH = 90  # characters: what the widest common inbox shows
PREHEADER_LENGTH = 130


def shortened(text: str, length: int) -> str:
    """The text cut at a word, with an ellipsis, to at most `length` characters."""
    if len(text) <= length:
        return text
    return text[: length - 1].rpartition(" ")[0].rstrip(" ,;:·–—") + "…"
