"""In which language we speak to a newsletter's readers."""

from django.utils import translation


def spoken(language: str) -> str:
    """The language of our own words for a BCP 47 tag: its own where we have it, else English."""
    try:
        return translation.get_supported_language_variant(language.lower())
    except LookupError:
        return "en"
