"""What staff may ask for in the desk and workers do: how each kind is done. Each may be begun again."""

import time

from newsletter import config
from newsletter.desk import imports
from newsletter.editions import edit, history, preflight
from newsletter.editions.models import Edition
from newsletter.errands import board
from newsletter.errands.board import Told
from newsletter.errands.models import Errand
from newsletter.feeds import manage, store, urls
from newsletter.newsletters import audit
from newsletter.numbers import counted
from newsletter.runtime.doctor import rounds
from newsletter.subscribers import importer

SLICE = 20.0  # seconds of an import at a time: others wait for the same worker


def do_next() -> bool:
    """Do one errand, or a part of it; True if there was one."""
    return board.do_next(KINDS)


def add_story(errand: Errand) -> Told:
    """Read a page and put its story into an edition. What is known already is not read again."""
    edition, url = _edition(errand), errand.asked["url"]
    board.tell(errand, f"Reading {url}")
    story = store.find(urls.canonical(urls.web_address(url)) or "") or manage.add_article(url, errand.staff)
    if (placed := edition.items.filter(article=story, dropped=False).first()) is not None:
        return Told(f"“{story}” is in {placed.section}.", {"item": placed.pk})
    with history.step(edition, errand.staff, f"Added “{story}”"):
        made = edit.add_article(edition, story)
    return Told(f"“{story}” is in {made.section}.", {"item": made.pk})


def ask_links(errand: Errand) -> Told:
    """Ask every link and picture of an edition whether it is there."""
    board.tell(errand, "Asking every link and picture")
    preflight.ask(_edition(errand))
    return Told("Every link was asked.")


def add_feed(errand: Errand) -> Told:
    """Read once before it is kept: a page that is no feed is told so."""
    asked = errand.asked
    board.tell(errand, f"Reading {asked['url']}")
    wishes = manage.Wishes(asked["title"], asked["kind"], tuple(asked["topics"]))
    feed, entries = manage.add(asked["url"], wishes)
    audit.record(errand.staff, "add", f"feed {feed.pk}")
    return Told(f"“{feed}” has {counted(entries or 0, 'entry', 'entries')}; it is collected from now on.")


def take_readers(errand: Errand) -> Told | None:
    """Take a file in, for some seconds at a time; the import's own row knows how far it is."""
    found, newsletter = imports.proposed(errand.asked["kept"], errand.asked["said"])
    until = time.monotonic() + SLICE
    report = None
    for at in importer.take_in(found, newsletter, errand.staff):
        report = at
        board.tell(errand, f"{report.theirs:,} lines of {report.at_most:,} are read", report.theirs, report.at_most)
        if time.monotonic() > until and not report.adds_up:
            return None
    imports.path_of(errand.asked["kept"]).unlink(missing_ok=True)
    if report is None:
        return Told("The file has no lines.")
    told = ", ".join(f"{count:,} {name}" for name, count in report.counts.items() if count)
    return Told(f"Taken in: {told or 'nothing'}; {report.refused:,} refused.")


def check_up(errand: Errand) -> Told:
    """All that `newsletter doctor` looks at."""
    found = []
    for verdict in rounds.go_round(config.current()):
        found.append(verdict.as_json())
        board.tell(errand, f"Looking at {verdict.check}", len(found), len(rounds.CHECKS))
    wrong = sum(each["state"] == "bad" for each in found)
    return Told(f"{counted(wrong, 'thing is', 'things are')} wrong.", {"verdicts": found})


def _edition(errand: Errand) -> Edition:
    return Edition.objects.select_related("newsletter").get(pk=errand.asked["edition"])


KINDS: dict[str, board.Doing] = {
    "story": add_story,
    "links": ask_links,
    "feed": add_feed,
    "readers": take_readers,
    "check-up": check_up,
}
