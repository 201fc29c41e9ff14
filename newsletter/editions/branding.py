"""How a newsletter looks: its theme, logo, type faces, footer and social links, checked before they are kept."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from newsletter import jinja
from newsletter.config_sources import nearest
from newsletter.errors import UsageError
from newsletter.mail.brand import FONTS, MOST_LINES, MOST_LINKS, size
from newsletter.mail.colour import is_colour
from newsletter.newsletters import audit
from newsletter.newsletters.models import Newsletter, Staff

LINE_LENGTH = 200
LOGO_KINDS = (".png", ".jpg", ".jpeg", ".gif")
_web_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def change(newsletter: Newsletter, texts: Mapping[str, str], staff: Staff | None) -> None:
    """Set columns of READERS from what somebody wrote; "" takes one back. Raises UsageError, and changes nothing."""
    before = {column: getattr(newsletter, column) for column in texts}
    for column, text in texts.items():
        setattr(newsletter, column, read(column, text))
    newsletter.save(update_fields=list(texts))
    changes = audit.changes(before, {column: getattr(newsletter, column) for column in texts})
    audit.record(staff, "brand", f"newsletter {newsletter.slug}", changes=changes)


def read(column: str, text: str) -> Any:
    """What a column of READERS becomes by what somebody wrote. Raises UsageError."""
    return READERS[column](text) if text else getattr(Newsletter(), column)


def facts(newsletter: Newsletter) -> dict[str, Any]:
    """The columns of READERS as they are."""
    return {column: getattr(newsletter, column) for column in READERS}


def _accent(text: str) -> str:
    """Any colour will do: where it could not be read, the mail darkens or lightens it."""
    if not is_colour(text):
        raise UsageError(f"{text!r} is no colour; write six hexadecimal digits, such as #9b1c1f.")
    return text


def _theme(text: str) -> str:
    if text not in jinja.themes():
        raise UsageError(f"There is no theme {text!r}; there are {', '.join(jinja.themes())}.")
    return text


def _font(text: str) -> str:
    if text not in FONTS:
        hint = f"There are {', '.join(FONTS)}: mail programs load no others."
        raise UsageError(f"{text!r} is no font for mail.{nearest(text, list(FONTS))}", hint=hint)
    return text


def _logo(text: str) -> str:
    """Outlook shows no WebP and Gmail no SVG."""
    if not text.partition("?")[0].lower().endswith(LOGO_KINDS):
        raise UsageError(f"The logo has to be a PNG, JPEG or GIF, by its address: {text!r}.")
    return _address(text)


def _logo_size(text: str) -> str:
    try:
        width, height = size(text)
    except ValueError as error:
        raise UsageError(f"{text!r} cannot be: {error}. Write it as 96x48.") from error
    return f"{width}x{height}"


def _footer(text: str) -> str:
    lines = [line.strip() for line in text.split("|") if line.strip()]
    if len(lines) > MOST_LINES or any(len(line) > LINE_LENGTH or not line.isprintable() for line in lines):
        raise UsageError(f"The footer takes {MOST_LINES} lines of {LINE_LENGTH} characters, divided by |.")
    return "\n".join(lines)


def _social(text: str) -> list[dict[str, str]]:
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    links = [{"name": name.strip(), "url": _address(url.strip())} for name, _, url in pairs]
    if len(links) > MOST_LINKS or not all(link["name"].isprintable() and link["name"] for link in links):
        raise UsageError(f"Write at most {MOST_LINKS} links as: Mastodon=https://…; Bluesky=https://…")
    return links


def _address(text: str) -> str:
    try:
        _web_address(text)
    except ValidationError as error:
        raise UsageError(f"{text!r} is no web address.") from error
    return text


READERS: dict[str, Callable[[str], Any]] = {
    "theme": _theme,
    "accent": _accent,
    "logo_url": _logo,
    "logo_size": _logo_size,
    "headline_font": _font,
    "text_font": _font,
    "footer": _footer,
    "social": _social,
}
