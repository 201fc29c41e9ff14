"""The one template engine. Templates stand in templates/ of a checkout and inside the package of a wheel."""

from functools import cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newsletter import clock, numbers

PACKAGE = Path(__file__).parent


def directory() -> Path:
    """Where the shipped templates are."""
    inside = PACKAGE / "_templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"


def environment(**options: Any) -> Environment:
    """The environment of pages and desk; Django passes its own loader, ours replaces it."""
    options |= {"loader": FileSystemLoader(directory()), "undefined": StrictUndefined}
    made = Environment(**{**options, "autoescape": select_autoescape(["html"]), "trim_blocks": True})  # noqa: S701
    made.lstrip_blocks = True
    made.globals |= {"static": static, "url": reverse, "counted": numbers.counted, **clock.WORDS}
    return made


@cache
def for_mail() -> Environment:
    """The environment of mails: .html escapes, .txt does not; the same templates folder, nothing of the web in it."""
    made = environment(auto_reload=False)
    made.globals.clear()
    return made
