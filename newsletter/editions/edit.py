"""What an editor may change about a draft, before it is approved."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from newsletter.editions import memory, suggest, written
from newsletter.editions.draft import candidate, checked_note, rule_of
from newsletter.editions.models import Edition, Item
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Section

DEK_LENGTH = 2000


@dataclass(frozen=True)
class Written:
    """An entry that an editor writes: `dek` is Markdown in a note; `details` are fields by their names."""

    kind: str
    title: str
    dek: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def edit_words(edition: Edition, *, subject: str, preheader: str, note: str) -> None:
    """Change the subject, the preheader and the editor's note. Raises UsageError for a note that is too long."""
    with _editable(edition):
        edition.subject = " ".join(subject.split())[:200]
        edition.preheader = " ".join(preheader.split())[:200]
        edition.note = checked_note(note)
        edition.save(update_fields=["subject", "preheader", "note"])


def edit_item(item: Item, *, headline: str, dek: str) -> None:
    """Change an entry's words for this edition only; an empty text brings an article's own back. Raises UsageError."""
    with _editable(item.edition):
        if item.article is None:
            item.headline = headline.strip()[:500] if item.type == Item.Type.NOTE else written.headline(headline)
            item.dek = dek.strip()[:DEK_LENGTH]
        else:
            item.headline = "" if headline.strip() == item.article.title else headline.strip()[:500]
            item.dek = "" if dek.strip() == item.article.dek else dek.strip()[:DEK_LENGTH]
        item.save(update_fields=["headline", "dek"])


def edit_details(item: Item, values: Mapping[str, str]) -> None:
    """Change fields of an entry written by hand; an empty text takes a field away. Raises UsageError."""
    if item.article is not None:
        raise UsageError("An article's facts are its publication's; its headline, dek and picture can be changed.")
    with _editable(item.edition):
        item.details = written.read(item.type, values, before=item.details, zone=item.edition.newsletter.zone)
        item.save(update_fields=["details"])


def choose_image(item: Item, image: Mapping[str, Any] | None) -> None:
    """Give an entry a picture for this edition (see written.image); {} is none at all, None the article's own."""
    if item.type not in (Item.Type.ARTICLE, Item.Type.PROMOTION):
        raise UsageError("Only stories and promotions have a picture.")
    with _editable(item.edition):
        item.image = image
        item.save(update_fields=["image"])


def add_article(
    edition: Edition, article: Article, section: Section | None = None, position: int = 99, *, again: bool = False
) -> Item:
    """Place a story by hand, in the first section that would take it unless one is named.

    Raises Refused for what an editor holds, and for what another edition has already, unless `again` insists.
    """
    if article.held_at:
        raise Refused(f"“{article}” is held.", hint=f"newsletter article release {article.pk}")
    before = memory.taken(edition).filter(article=article).select_related("edition__newsletter").first()
    if before and not again:
        raise Refused(f"{before.edition} had “{article}” already.", hint="Add --again if you mean it.")
    with _editable(edition):
        item = edition.items.filter(article=article).first() or Item(edition=edition, article=article)
        if item.pk and not item.dropped:
            raise Refused(f"“{article}” is in this edition already, in {item.section}.")
        item.reason = f"added by hand; {before.edition} had it too" if before else "added by hand"
        item.again, item.dropped = bool(before), False
        return _put(item, section or _fitting(edition, article), position)


def add_written(edition: Edition, section: Section, words: Written, position: int = 99) -> Item:
    """Place an entry written by hand; the same words twice in a section are one, as of a button pressed twice.

    Raises UsageError for a field that is missing or cannot be read.
    """
    if words.kind not in written.FIELDS:
        raise UsageError(f"There is no entry called {words.kind}.", hint=f"One of {', '.join(written.FIELDS)}.")
    title = words.title.strip()[:500] if words.kind == Item.Type.NOTE else written.headline(words.title)
    if words.kind == Item.Type.NOTE and not words.dek.strip():
        raise UsageError("A note needs words.", hint="--dek TEXT, in Markdown")
    details = written.read(words.kind, words.details, before={}, zone=edition.newsletter.zone)
    with _editable(edition):
        if same := _same(edition, section, words, details):
            return same
        item = Item(edition=edition, type=words.kind, headline=title, dek=words.dek.strip()[:DEK_LENGTH])
        item.details, item.reason = details, "written by hand"
        return _put(item, section, position)


def _same(edition: Edition, section: Section, words: Written, details: Mapping[str, str]) -> Item | None:
    dek, title = words.dek.strip()[:DEK_LENGTH], words.title.strip()[:500]
    alike = edition.items.filter(section=section, type=words.kind, headline=title, dek=dek, dropped=False)
    return next((each for each in alike if each.details == details), None)


def copy_frame(edition: Edition, source: Edition | None = None) -> list[Item]:
    """Take over what was written by hand in an earlier edition, without events that are over. Returns what came.

    `source` is the regular edition before, unless another is named. Raises Refused when there is none.
    """
    source = source or _edition_before(edition)
    if source is None or source.newsletter_id != edition.newsletter_id:
        raise Refused("There is no earlier edition of this newsletter to take from.", hint="newsletter edition list")
    entries = source.items.filter(article=None, dropped=False).select_related("section")
    with _editable(edition):
        titles = set(edition.items.filter(article=None).values_list("type", "headline", "dek"))
        wanted = [each for each in entries if (each.type, each.headline, each.dek) not in titles and not _is_over(each)]
        copies = []
        for each in wanted:
            copy = Item(edition=edition, type=each.type, headline=each.headline, dek=each.dek, details=each.details)
            copy.image, copy.reason = each.image, f"as in No. {source.number}"
            copies.append(_put(copy, each.section, each.position))
    return copies


def drop_item(item: Item, *, dropped: bool = True) -> None:
    """Take an entry out, or put it back at its old place; composing again respects it.

    A lead that comes back finds its place taken, if another story leads now: then it opens the next section.
    """
    with _editable(item.edition):
        item.dropped = dropped
        item.save(update_fields=["dropped"])
        if dropped:
            return
        section, here = item.section, _others(item, item.section)
        if section.is_lead and here:
            section = item.edition.newsletter.sections.filter(is_lead=False).order_by("position").first() or section
            here = _others(item, section)
        _place([item], section, here, item.position)


def move_item(item: Item, section: Section, position: int) -> None:
    """Put an entry at `position` (from 1) of a section; the others close up behind it. Raises UsageError.

    A mail has one lead: who takes that place sends the old lead to where they came from.
    """
    _check_section(item, section)
    with _editable(item.edition):
        here = _others(item, section)
        if section.is_lead and section.pk != item.section_id:
            _place(here, item.section, _others(item, item.section), item.position)
            here = []
        _place([item], section, here, position)


def _check_section(item: Item, section: Section) -> None:
    if section.newsletter_id != item.edition.newsletter_id:
        raise UsageError("That section belongs to another newsletter.")
    if section.is_lead and item.type != Item.Type.ARTICLE:
        raise UsageError("Only a story can lead.", hint="Name another section.")


def _put(item: Item, section: Section, position: int) -> Item:
    """Store an entry that is new here, or comes back, at a place; an old lead makes room."""
    _check_section(item, section)
    others = _others(item, section)
    item.section, item.position = section, position
    item.save()
    if section.is_lead and others:
        body = item.edition.newsletter.sections.filter(is_lead=False, cap__gt=0).order_by("position").first()
        if body is None:
            raise Refused("There is a lead already, and no other section.")
        _place(others, body, _others(item, body), 1)
        others = []
    _place([item], section, others, position)
    return item


def _fitting(edition: Edition, article: Article) -> Section:
    """The first section that would take a story by its rules, else the first there is; never the lead."""
    sections = list(edition.newsletter.sections.filter(is_lead=False, cap__gt=0).order_by("position"))
    if not sections:
        raise UsageError("The newsletter has no section but its lead.", hint="Name it.")
    story = candidate(article)
    return min(sections, key=lambda section: (not rule_of(section).admits(story), rule_of(section).by_hand))


def _others(item: Item, section: Section) -> list[Item]:
    return list(item.edition.items.filter(section=section, dropped=False).exclude(pk=item.pk))


def _place(items: list[Item], section: Section, others: list[Item], position: int) -> None:
    """Insert entries among the others of a section, and number them all."""
    at = max(0, position - 1)
    placed = others[:at] + items + others[at:]
    for number, each in enumerate(placed, start=1):
        each.section, each.position = section, number
    Item.objects.bulk_update(placed, ["section", "position"])


def _edition_before(edition: Edition) -> Edition | None:
    earlier = edition.newsletter.editions.filter(kind=Edition.Kind.REGULAR, number__lt=edition.number)
    return earlier.exclude(status=Edition.Status.CANCELLED).order_by("-number").first()


def _is_over(item: Item) -> bool:
    if item.type != Item.Type.EVENT:
        return False
    return datetime.fromisoformat(item.details.get("ends") or item.details["starts"]) < timezone.now()


@contextmanager
def _editable(edition: Edition) -> Iterator[None]:
    """A transaction in which the edition is, and stays, a draft. Raises Refused.

    Words that were only suggested follow what changes: another lead is another subject.
    """
    with transaction.atomic():
        status = Edition.objects.select_for_update().values_list("status", flat=True).get(pk=edition.pk)
        if status != Edition.Status.DRAFT:
            raise Refused(f"The edition is {status}; only a draft can be changed.", hint="Reopen it first.")
        before = suggest.words(edition)
        yield
        _follow(edition, before)


def _follow(edition: Edition, before: suggest.Words) -> None:
    now = suggest.words(edition)
    standing = Edition.objects.filter(pk=edition.pk)
    if now.subject != before.subject:
        standing.filter(subject__in=["", before.subject]).update(subject=now.subject)
    if now.preheader != before.preheader:
        standing.filter(preheader__in=["", before.preheader]).update(preheader=now.preheader)
