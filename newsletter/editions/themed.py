"""A theme is a pair of templates, email/NAME.html and email/NAME.txt; here a view becomes both parts of a mail."""

import re
from collections.abc import Mapping
from typing import Any

from newsletter import jinja
from newsletter.mail.brand import brand, fonts
from newsletter.mail.inline import inline

_MANY_LINES = re.compile(r"\n{3,}")


def finished(facts: Mapping[str, Any], view: Mapping[str, Any]) -> tuple[str, str]:
    """HTML and text of a mail in the newsletter's theme and brand; `facts` are those of a snapshot's newsletter.

    Raises TemplateFault or InlineError if a template is at fault.
    """
    name = facts.get("theme") or jinja.THEME
    whole = {"preferences": "", "in_browser": "", **view, "brand": brand(facts), **fonts(facts)}
    text = jinja.filled(f"email/{name}.txt", whole)
    return inline(jinja.filled(f"email/{name}.html", whole)), _MANY_LINES.sub("\n\n", text.strip()) + "\n"
