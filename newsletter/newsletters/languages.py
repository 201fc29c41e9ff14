"""In which language we speak to a newsletter's readers."""

from datetime import date

from django.utils import translation
from django.utils.formats import date_format


def spoken(language: str) -> str:
    """The language of our own words for a BCP 47 tag: its own where we have it, else English."""
    try:
        return translation.get_supported_language_variant(language.lower())
    except LookupError:
        return "en"


def written(day: date) -> str:
    """A date in words of the language that is spoken just now: "Thursday 26 November 2026"."""
    return date_format(day, "l j F Y")
