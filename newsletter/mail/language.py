"""Dates in words, and which way a language runs. Pure."""

import unicodedata
from datetime import date

RTL_LANGUAGES = frozenset({"ar", "he", "fa", "ur"})

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def written_date(day: date) -> str:
    """The date in English words, whatever the machine's locale.

    >>> written_date(date(2026, 11, 26))
    'Thursday 26 November 2026'
    """
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


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
