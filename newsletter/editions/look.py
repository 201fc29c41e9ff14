"""The last look: shortly before its start, every address of an edition is asked once more. The frozen edition stays.

A site may title an article otherwise than its feed does. So the pages' titles are noted once the edition is scheduled,
and the last look compares with those. Where no person approves, it is scheduled only when the last look is due, so they
are noted once its cut-off has passed.
"""

import logging
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from newsletter.editions import approve, freeze
from newsletter.editions.models import Edition
from newsletter.editions.snapshot import ArticleContent
from newsletter.errors import NewsletterError
from newsletter.feeds import pages, urls
from newsletter.feeds.guard import FetchError
from newsletter.feeds.values import PageFacts
from newsletter.letters import notices
from newsletter.newsletters.models import Newsletter

logger = logging.getLogger(__name__)
BEFORE = timedelta(minutes=15)
LEASE = timedelta(minutes=3)  # a look that died is taken up again after this
PAGES_SECONDS = 40.0  # all pages of one edition
RUN_SECONDS = 45.0  # no edition is begun later in one run: it must end before a worker's task limit
LATE = timedelta(minutes=2)  # a machine that was away had no last look; an ordinary start comes sooner
_GONE = (404, 410)


@dataclass(frozen=True)
class Found:
    """What a look saw: `titles` by item id; `changed` are (title then, title now), `gone` and `silent` are titles."""

    titles: dict[str, str]
    changed: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        retitled = [f"“{before}” is now “{after}” on the site." for before, after in self.changed]
        return [*(f"“{title}” is gone from the site." for title in self.gone), *retitled]


def look_due(now: datetime) -> int:
    """Look at the scheduled editions that nobody looked at yet, or not so near their start. Returns how many.

    Safe in any number of workers. What a site does is in the findings, not raised.
    """
    stop = time.monotonic() + RUN_SECONDS
    looked = 0
    for edition in _ahead(now).select_related("newsletter").order_by("send_at"):
        if time.monotonic() < stop and _is_due(edition, now) and _claim(edition):
            _safely_look(edition, now)
            looked += 1
    return looked


def look_before_late_start(edition: Edition, now: datetime) -> bool:
    """One look at an edition that starts late and had no last one; it may hold it.

    False while another worker has that look: the start waits for its end, or for its lease.
    """
    if edition.send_at is None or now - edition.send_at < LATE or not _is_due(edition, now):
        return True
    if not _claim(edition):
        return False
    _safely_look(edition, now)
    return True


def _ahead(now: datetime) -> QuerySet[Edition]:
    """The scheduled editions, and the drafts that will be approved by themselves."""
    status = Edition.Status
    by_itself = Q(newsletter__review=Newsletter.Review.AUTO, by_hand=False, closed_at__isnull=False)
    drafts = Q(status=status.DRAFT, kind=Edition.Kind.REGULAR) & by_itself
    return Edition.objects.filter(Q(status=status.SCHEDULED) | drafts, send_at__gt=now)


def _safely_look(edition: Edition, now: datetime) -> None:
    try:
        _look(edition, now)
    except Exception:
        # A fault of ours that one edition brings out must not stop the others; it is tried again after the lease.
        logger.exception("The last look at edition %s failed", edition.pk)


def _is_due(edition: Edition, now: datetime) -> bool:
    """Near the start, if it was not looked at since; else once, to note the titles."""
    if _is_last(edition, now) and edition.send_at:
        return edition.looked_at is None or edition.looked_at < edition.send_at - BEFORE
    return edition.looked_at is None


def _is_last(edition: Edition, now: datetime) -> bool:
    near = edition.send_at is not None and edition.send_at - BEFORE <= now
    return near and edition.status == Edition.Status.SCHEDULED


def _claim(edition: Edition) -> bool:
    free = Q(looking_until=None) | Q(looking_until__lt=Now())
    mine = Edition.objects.filter(free, pk=edition.pk, status=edition.status, looked_at=edition.looked_at)
    return mine.update(looking_until=Now() + LEASE) == 1


def _look(edition: Edition, now: datetime) -> None:
    stories = list(_articles(edition))
    private = settings.CONFIG.allow_private_hosts
    answers = pages.read_pages([story["url"] for story in stories], private=private, seconds=PAGES_SECONDS)
    _conclude(edition, judge(stories, answers, edition.page_titles), now)


@transaction.atomic
def _conclude(edition: Edition, found: Found, now: datetime) -> None:
    """Write down what was seen and tell it, both or neither: what was not told is looked for again."""
    last = _is_last(edition, now)
    findings = found.sentences if last else edition.findings
    looked = Edition.objects.filter(pk=edition.pk, looked_at=edition.looked_at, content_hash=edition.content_hash)
    noted = {**found.titles, **edition.page_titles}
    if looked.update(looked_at=now, looking_until=None, page_titles=noted, findings=findings) and last:
        _tell(edition, found)


def judge(
    stories: Iterable[ArticleContent], answers: Mapping[str, PageFacts | NewsletterError], noted: dict[str, str]
) -> Found:
    """Compare what the pages answered with what was approved, and with the titles they had then. Pure."""
    titles, changed, gone, silent = dict[str, str](), list[tuple[str, str]](), list[str](), list[str]()
    for story in stories:
        answer = answers.get(story["url"])
        if isinstance(answer, PageFacts) and not _is_elsewhere(story, answer):
            if answer.title:
                titles[str(story["id"])] = answer.title
            before = noted.get(str(story["id"]), "")
            if answer.title and before and _bare(answer.title) not in (_bare(before), _bare(story["title"])):
                changed.append((before, answer.title))
        elif isinstance(answer, PageFacts) or (isinstance(answer, FetchError) and answer.status in _GONE):
            gone.append(story["title"])
        else:
            silent.append(story["title"])
    return Found(titles, tuple(changed), tuple(gone), tuple(silent))


def _is_elsewhere(story: ArticleContent, page: PageFacts) -> bool:
    """The address led to the front page."""
    return bool(page.url) and urls.is_front(page.url) and not urls.is_front(story["url"])


def _bare(title: str) -> str:
    """The title without case, space and punctuation."""
    return re.sub(r"\W", "", title.casefold())


def _articles(edition: Edition) -> Iterator[ArticleContent]:
    content: Any = edition.snapshot or freeze.content_of(edition)
    for section in content["sections"]:
        yield from (item for item in section["items"] if item["type"] == "article")


def _tell(edition: Edition, found: Found) -> None:
    """What staff were told before, they let go: it is neither told nor held for again."""
    fresh = [sentence for sentence in found.sentences if sentence not in edition.findings]
    if not fresh:
        return
    policy = edition.newsletter.last_look
    held = policy == Newsletter.LastLook.HOLD and approve.hold(edition, " ".join(fresh), tell=False)
    remarks = [f"“{title}” did not answer." for title in found.silent]
    notices.tell(
        edition.newsletter,
        "last-look",
        f"edition-{edition.pk}-{edition.send_at}",
        edition=edition.pk,
        number=edition.number,
        subject=edition.subject,
        send_at=edition.send_at,
        changed=found.changed,
        gone=found.gone,
        held=held,
        remarks=tuple(remarks),
    )
