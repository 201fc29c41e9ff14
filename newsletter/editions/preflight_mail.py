"""What can be told from the finished mail of one variant: may it go, can it be read, do clients know it. Pure."""

import re
from collections.abc import Iterator

from newsletter.editions.preflight_findings import Finding, block, warn
from newsletter.editions.render import Rendered, SlotError, TooLarge, WayOutMissing
from newsletter.editions.snapshot import Snapshot
from newsletter.errors import NewsletterError
from newsletter.mail import lint, reading

_BLOCKS = frozenset(("no-unsubscribe", "no-postal-address"))
# What other programs and ours leave to be filled in: {{ name }}, {% if %}, *|FNAME|*, %%name%%, {lead}.
_LEADING_SOMEWHERE = ("https://", "http://", "mailto:", "tel:")
_PLACEHOLDER = re.compile(
    r"\{\{.{0,60}?\}\}|\{%.{0,60}?%\}|\*\|\w{1,40}\|\*|%%\w{1,40}%%|\{(?:lead|more|newsletter|number|date)\}"
)


def mail(made: Rendered, snapshot: Snapshot, *, unsubscribe: str) -> Iterator[Finding]:
    """`unsubscribe` is the way out as it stands in the mail, with its slot."""
    yield from _placeholders(made, snapshot)
    for url in dict.fromkeys(reading.links(made.html)):
        if not url.startswith(_LEADING_SOMEWHERE):
            words = f"The mail links to “{url}”, which leads nowhere from a mail."
            yield block("relative-link", words, part="mail", about=url)
    address = snapshot["newsletter"]["postal_address"]
    for each in lint.findings(made.html, made.text, unsubscribe=unsubscribe, postal_address=address):
        told = block if each.code in _BLOCKS else warn
        yield told(each.code, f"{each.text}.", part="mail", about="" if each.code == "size" else each.text)


def failed(error: NewsletterError) -> Finding:
    """The mail could not be made at all."""
    codes = {TooLarge: "too-large", WayOutMissing: "no-unsubscribe", SlotError: "placeholder"}
    return block(codes.get(type(error), "template-error"), str(error), part="mail")


def _placeholders(made: Rendered, snapshot: Snapshot) -> Iterator[Finding]:
    """In our own words one is a slip; a publication may have an article about them."""
    theirs = _words_of_articles(snapshot)
    printed = " ".join([made.subject, *made.text.split(), *reading.words(made.html)])
    for found in dict.fromkeys(_PLACEHOLDER.findall(" ".join(printed.split()))):
        told, said = (warn, "reads as") if found in theirs else (block, "is")
        yield told("placeholder", f"“{found}” {said} a place that nobody filled in.", part="mail", about=found)


def _words_of_articles(snapshot: Snapshot) -> str:
    articles = (item for section in snapshot["sections"] for item in section["items"] if item["type"] == "article")
    return "\n".join(f"{each['title']} {each['dek']} {each['url']}" for each in articles)
