"""Static utm_* parameters on a mail's links into the publication's own site, so that its statistics see the mail. Pure.

They are the same for every reader: utm_content says where in the mail a link stands, never who pressed it. Links
elsewhere and those to our own pages for readers have none, nor has the archive, which is rendered without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from newsletter.editions.preflight_links import is_own
from newsletter.editions.snapshot import Snapshot


@dataclass(frozen=True)
class Tags:
    """`fixed` is a query, or "" for no tags at all; `home` is the publication's site, `service` ours for readers."""

    fixed: str
    home: str
    service: str

    def on(self, url: str, place: str) -> str:
        """The address with the tags, if it is one of the own site and has none."""
        if not self.fixed or not self._is_of_home(url):
            return url
        parts = urlsplit(url)
        if any(name.lower().startswith("utm_") for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
            return url
        tags = f"{self.fixed}&{urlencode({'utm_content': place})}"
        return parts._replace(query=f"{parts.query}&{tags}" if parts.query else tags).geturl()

    def _is_of_home(self, url: str) -> bool:
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return False
        of_home = parts.scheme in {"http", "https"} and bool(self.home) and is_own(url, self.home)
        return of_home and parts.netloc != urlsplit(self.service).netloc


def tags_of(snapshot: Snapshot, service: str) -> Tags:
    """What this edition's newsletter asks for."""
    newsletter = snapshot["newsletter"]
    return Tags(newsletter.get("utm", ""), newsletter["home_url"], service)


def tagged(snapshot: Snapshot, tags: Tags) -> Snapshot:
    """The snapshot with tags on the links of entries, masthead and foot; those in notes are tagged as they are read."""
    if not tags.fixed:
        return snapshot
    facts = snapshot["newsletter"]
    social = [
        {**link, "url": tags.on(link["url"], f"foot-{place}")}
        for place, link in enumerate(facts.get("social", []), start=1)
    ]
    newsletter = {**facts, "home_url": tags.on(facts["home_url"], "masthead"), "social": social}
    sections = [
        {**section, "items": [_item(item, tags, f"{section['slug']}-{place}") for place, item in _numbered(section)]}
        for section in snapshot["sections"]
    ]
    return cast("Snapshot", {**snapshot, "newsletter": newsletter, "sections": sections})


def _numbered(section: Mapping[str, Any]) -> enumerate[Any]:
    return enumerate(section["items"], start=1)


def _item(item: Mapping[str, Any], tags: Tags, place: str) -> dict[str, Any]:
    return {**item, "url": tags.on(item["url"], place)} if item.get("url") else dict(item)
