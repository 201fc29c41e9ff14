"""Which way a language runs. Pure."""

import unicodedata

RTL_LANGUAGES = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


def direction_of_language(language: str) -> str:
    """`rtl` or `ltr` for a BCP 47 tag.

    >>> direction_of_language("ar-EG")
    'rtl'
    """
    return "rtl" if language.lower().split("-")[0] in RTL_LANGUAGES else "ltr"


def direction_of(text: str, otherwise: str) -> str:
    """`rtl` or `ltr`, whichever most letters of `text` run; `otherwise` where it has no letters or is undecided.

    By majority, not by the first letter as dir="auto" does: an Arabic headline may begin with "BBC".
    """
    kinds = [unicodedata.bidirectional(character) for character in text]
    rightward, leftward = kinds.count("L"), kinds.count("R") + kinds.count("AL")
    if rightward == leftward:
        return otherwise
    return "ltr" if rightward > leftward else "rtl"
