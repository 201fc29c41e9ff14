"""The one template engine. Templates stand in templates/ of a checkout and inside the package of a wheel."""

import re
import textwrap
import traceback
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)

from newsletter import clock, config, numbers
from newsletter.errors import ConfigError

PACKAGE = Path(__file__).parent
THEME = "roundup"
COLUMNS = 72
"""Characters in a line of a mail's text part."""
_FRAMED = '{% extends "email/frame.html" %}'


class TemplateFault(ConfigError):
    """A template cannot be read or filled; the message says which, and in which line."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}", hint="Mend the template, then: newsletter theme check")


def directory() -> Path:
    """Where the shipped templates are."""
    inside = PACKAGE / "_templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"


def directories() -> list[Path]:
    """Where templates are looked for; a file of NEWSLETTER_TEMPLATES_DIR stands in for the shipped one."""
    own = config.current().templates_dir
    return [*([Path(own)] if own else []), directory()]


def environment(**options: Any) -> Environment:
    """The environment of pages and desk; Django passes its own loader, ours replaces it."""
    options |= {"loader": FileSystemLoader(directories()), "undefined": StrictUndefined}
    made = Environment(**{**options, "autoescape": select_autoescape(["html"]), "trim_blocks": True})  # noqa: S701
    made.lstrip_blocks = True
    made.globals |= {"static": static, "url": reverse, "counted": numbers.counted, **clock.WORDS}
    made.globals["day"] = day
    made.add_extension("jinja2.ext.i18n")
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined] # the extension's
    return made


def day(text: str) -> str:
    """An ISO date or moment as the page's language writes a date: "Thursday 26 November 2026"."""
    return date_format(date.fromisoformat(text[:10]), "l j F Y")


@cache
def for_mail() -> Environment:
    """The environment of mails: .html escapes, .txt does not; the same templates folder, nothing of the web in it."""
    made = environment(auto_reload=False)
    words = {name: made.globals[name] for name in ("_", "gettext", "ngettext")}
    made.globals.clear()
    made.globals |= words
    made.filters["wrapped"] = wrapped
    return made


def wrapped(text: str, indent: str = "") -> str:
    """Lines of 72 columns; a longer word, such as an address, stays whole. Further lines begin with `indent`."""
    kept = textwrap.wrap(text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(kept)


def filled(name: str, view: Mapping[str, Any]) -> str:
    """A mail's template with `view` in its places. Raises TemplateFault."""
    try:
        return for_mail().get_template(name).render(view)
    except TemplateSyntaxError as error:
        raise TemplateFault(f"{error.filename or error.name}, line {error.lineno}", str(error.message)) from error
    except TemplateNotFound as error:
        raise TemplateFault(_place(error) or name, f"there is no template {error.name}") from error
    except Exception as error:  # whatever a designer's expression stumbles over
        raise TemplateFault(_place(error) or name, str(error)) from error


def themes() -> list[str]:
    """The names of email/NAME.html that are whole round-ups, one's own included."""
    mail = for_mail()
    wholes = mail.list_templates(filter_func=lambda name: bool(re.fullmatch(r"email/(?!letter)[\w-]+\.html", name)))
    return [name[len("email/") : -len(".html")] for name in wholes if _FRAMED in source(name)]


def source(name: str) -> str:
    """A template's own text."""
    mail = for_mail()
    return mail.loader.get_source(mail, name)[0] if mail.loader else ""


def _place(error: BaseException) -> str:
    """The file and line of the innermost template that an error came through."""
    folders = tuple(str(folder) for folder in directories())
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.startswith(folders)]
    templates = [each for each in frames if not each.filename.endswith(".py")]
    return f"{templates[-1].filename}, line {templates[-1].lineno}" if templates else ""
