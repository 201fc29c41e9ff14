"""A theme is a pair of templates, email/NAME.html and email/NAME.txt; here a view becomes both parts of a mail."""

import re
from collections.abc import Mapping
from typing import Any

from newsletter import jinja, links
from newsletter.editions.snapshot import Snapshot
from newsletter.mail.brand import brand, fonts
from newsletter.mail.inline import inline
from newsletter.mail.slots import TOKEN

_MANY_LINES = re.compile(r"\n{3,}")


def finished(snapshot: Snapshot, view: Mapping[str, Any]) -> tuple[str, str]:
    """HTML and text of a mail in its newsletter's theme and brand.

    Raises TemplateFault or InlineError if a template is at fault.
    """
    facts = snapshot["newsletter"]
    name = facts.get("theme") or jinja.THEME
    in_browser = links.in_browser(snapshot["edition"]["id"]) if facts.get("archive", "none") != "none" else ""
    sign_up = links.sign_up(facts["slug"]) if facts.get("privacy_url") else ""
    ways = {"preferences": links.preferences(TOKEN), "in_browser": in_browser, "sign_up": sign_up}
    whole = {**ways, **view, "brand": brand(facts), **fonts(facts)}
    text = jinja.filled(f"email/{name}.txt", whole)
    return inline(jinja.filled(f"email/{name}.html", whole)), _MANY_LINES.sub("\n\n", text.strip()) + "\n"
