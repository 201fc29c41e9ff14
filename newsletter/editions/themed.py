"""A theme is a pair of templates, email/NAME.html and email/NAME.txt; here a view becomes both parts of a mail."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from newsletter import config, jinja, links
from newsletter.editions.snapshot import Snapshot
from newsletter.mail.brand import brand, fonts
from newsletter.mail.inline import inline
from newsletter.mail.slots import TOKEN

_LINK = re.compile(r"""<a\b[^>]*?\bhref=["'](https?://[^"'{}\s]+)["']""", re.IGNORECASE)
_MANY_LINES = re.compile(r"\n{3,}")


def own_links() -> list[str]:
    """The addresses that templates of one's own lead to, as they are written there; those of entries are no such."""
    own = config.current().templates_dir
    files = sorted((Path(own) / "email").rglob("*.html")) if own else []
    return list(dict.fromkeys(url for file in files for url in _written(file)))


def _written(template: Path) -> list[str]:
    return [unescape(url) for url in _LINK.findall(template.read_text(encoding="utf-8", errors="replace"))]


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
