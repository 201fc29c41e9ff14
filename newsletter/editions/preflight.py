"""Preflight: everything that is wrong with an edition, or that somebody should look at, before it is approved.

What decides is pure (preflight_stories, preflight_mail, preflight_links); here the facts are gathered and waivers kept.
`look` asks the database only. `ask` asks the links, outside any transaction, and keeps their answers for the next look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from newsletter import config, links, signing
from newsletter.editions import freeze, memo, preflight_links, preflight_spam, themed, variants
from newsletter.editions.models import Edition, Item, Waiver
from newsletter.editions.preflight_findings import Finding, Report, Variant, name_of, report
from newsletter.editions.preflight_mail import failed
from newsletter.editions.preflight_stories import Facts, Known, PictureFile, picture_addresses, stories
from newsletter.editions.render import Rendered
from newsletter.editions.snapshot import Snapshot
from newsletter.errors import NewsletterError, UsageError
from newsletter.feeds import answers
from newsletter.feeds.probe import Probe
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff
from newsletter.subscribers import topics
from newsletter.transports.choose import is_private

FOR = timedelta(days=14)  # a draft that was begun earlier is left alone
SITE_SECONDS = 10.0
OUT = (Edition.Status.PLANNING, Edition.Status.SENDING, Edition.Status.PAUSED, Edition.Status.SENT)


class Copy(NamedTuple):
    """One variant, its topics by key and by name: the mail that was made of its snapshot, or why none could be."""

    topic_set: str
    topics: tuple[str, ...]
    snapshot: Snapshot
    made: Rendered | NewsletterError


class Given(NamedTuple):
    """What a look reads first: the entries, what they say, and how many active readers chose each set of topics."""

    items: list[Item]
    snapshot: Snapshot
    chosen: Mapping[str, int]


def given(edition: Edition, chosen: Mapping[str, int] | None = None) -> Given:
    """Of an edition as it stands now. `chosen`: its newsletter's variants.counts, if they are known."""
    items = freeze.items_of(edition)
    counts = variants.counts(edition.newsletter) if chosen is None else chosen
    return Given(items, _snapshot(edition, items), counts)


def look(edition: Edition, facts: Given | None = None, *, spam: bool = False) -> Report:
    """The edition as it would go out now; what links answered when they were last asked. Writes nothing.

    `spam`: SpamAssassin is asked too, where this machine has it; that takes some seconds.
    """
    facts = facts or given(edition)
    made = _copies(edition, facts)
    more = preflight_spam.phrases(made[0].made, made[0].snapshot) if spam else ()
    return _judged(edition, facts, made, more)


def content(edition: Edition, facts: Given) -> str:
    """The hash of what approval would freeze now, by the rule by which it freezes; of an approved edition its own."""
    if edition.content_hash:
        return edition.content_hash
    made = [(each.topic_set, each.made) for each in _copies(edition, facts)]
    mails = [(key, mail.subject, mail.html, mail.text) for key, mail in made if isinstance(mail, Rendered)]
    return freeze.content_hash(facts.snapshot, mails)


def ask(edition: Edition) -> None:
    """Ask every link, picture and address of ours that the edition needs, some 20 seconds at most."""
    snapshot = _snapshot(edition)
    answers.ask(_addresses(edition, snapshot))


def ask_site(edition: Edition) -> None:
    """Ask only what every mail needs of this service, some seconds at most: without answers nothing is approved."""
    if (site := _site(edition, _snapshot(edition))) is not None:
        answers.ask(site.addresses.values(), seconds=SITE_SECONDS)


def ask_due() -> int:
    """Ask the links of one recent draft that has some nobody asked yet; how many drafts it found, 0 or 1.

    So approval in the desk, which waits for no network, knows of dead ones. Two workers at once only ask twice.
    """
    since = timezone.now() - FOR
    drafts = Edition.objects.filter(status=Edition.Status.DRAFT, created_at__gt=since).select_related("newsletter")
    for edition in drafts.order_by("send_at", "pk"):
        addresses = _addresses(edition, _snapshot(edition))
        if not set(addresses) <= answers.known(addresses).keys():
            answers.ask(addresses)
            return 1
    return 0


def copies(edition: Edition) -> list[Copy]:
    """Every variant: of an approved edition what was frozen, of a draft what would be."""
    return _copies(edition, given(edition))


def _copies(edition: Edition, facts: Given) -> list[Copy]:
    if edition.content_hash:
        frozen = list(edition.renderings.order_by("pk"))
        named = topics.of_keys([each.topic_set for each in frozen])
        cut = {key: variants.for_topics(facts.snapshot, chosen) for key, chosen in named.items()}
        return [
            Copy(
                each.topic_set,
                tuple(named.get(each.topic_set, ())),
                cut.get(each.topic_set, facts.snapshot),
                Rendered(each.subject, each.html, each.text),
            )
            for each in frozen
        ]
    named = topics.of_keys(variants.wanted_for(edition, facts.chosen))
    found = variants.of(facts.snapshot, named, edition.newsletter.min_items)
    return [Copy(key, tuple(named.get(key, ())), content, _rendered(content)) for key, content in found]


def _judged(edition: Edition, facts: Given, made: Sequence[Copy], more: Iterable[Finding]) -> Report:
    """The report on these copies, the full edition first, and on `more` that others found."""
    snapshot, addresses = facts.snapshot, _addresses(edition, facts.snapshot)
    known = answers.known(addresses)
    waivers = dict(edition.waivers.values_list("key", "reason"))
    found = [
        *_of_copies(made),
        *stories(snapshot, _facts(edition, facts, known)),
        *_of_links(edition, made[0], known),
        *more,
    ]
    return report(found, waivers, _variants(facts, made), asked=set(addresses) <= known.keys())


@transaction.atomic
def waive(edition: Edition, key: str, reason: str, staff: Staff | None) -> Finding:
    """Wave a warning through, on the record. Raises UsageError without a reason, or for what blocks or is not there."""
    reason = " ".join(reason.split())
    seen = look(edition, spam=key.startswith(preflight_spam.CODE))
    found = next((each for each in seen.findings if each.key == key), None)
    if found is None:
        raise UsageError(
            f"Preflight does not say {key} of edition {edition.pk}.", hint=f"newsletter edition preflight {edition.pk}"
        )
    if found.blocks:
        raise UsageError(f"{key} cannot be waived; it has to be mended: {found.words}")
    if not reason:
        raise UsageError("A waiver needs its reason.")
    Waiver.objects.update_or_create(edition=edition, key=key, defaults={"reason": reason[:300], "staff": staff})
    audit.record(staff, "waive", f"edition {edition.pk}", key=key, reason=reason[:300])
    return found


@transaction.atomic
def take_back(edition: Edition, key: str, staff: Staff | None) -> None:
    """The warning counts again. Raises UsageError where nobody waived it."""
    if not edition.waivers.filter(key=key).delete()[0]:
        raise UsageError(f"Nobody waived {key} of edition {edition.pk}.")
    audit.record(staff, "take back a waiver", f"edition {edition.pk}", key=key)


def _snapshot(edition: Edition, items: Sequence[Item] | None = None) -> Snapshot:
    return cast("Snapshot", edition.snapshot) if edition.snapshot else freeze.snapshot_of(edition, items)


def _rendered(content: Snapshot) -> Rendered | NewsletterError:
    try:
        return memo.rendered(content)
    except NewsletterError as error:
        return error


def _of_copies(made: Iterable[Copy]) -> Iterator[Finding]:
    for each in made:
        found = memo.findings(each.made, each.snapshot) if isinstance(each.made, Rendered) else [failed(each.made)]
        yield from (replace(finding, copies=(name_of(each.topic_set, each.topics),)) for finding in found)


def _of_links(edition: Edition, full: Copy, known: dict[str, Probe]) -> Iterator[Finding]:
    snapshot, found = full.snapshot, preflight_links.links(full.snapshot, settings.SITE_URL)
    if isinstance(full.made, Rendered) and (written := themed.own_links()):
        found += preflight_links.of_templates(written, full.made.html, snapshot, settings.SITE_URL)
    yield from preflight_links.faults(found, known)
    if (site := _site(edition, snapshot)) is not None:
        yield from preflight_links.site(site, known)


def _addresses(edition: Edition, snapshot: Snapshot) -> list[str]:
    site = _site(edition, snapshot)
    return [
        *(site.addresses.values() if site else ()),  # first: when time runs out, these are known
        *preflight_links.to_ask(preflight_links.links(snapshot, settings.SITE_URL)),
        *themed.own_links(),
        *picture_addresses(snapshot),
    ]


def _site(edition: Edition, snapshot: Snapshot) -> preflight_links.Site | None:
    """None for the outbox."""
    chosen = config.current()
    if chosen.transport == "outbox":
        return None
    own = [address for address in picture_addresses(snapshot) if address.startswith(links.absolute("/i/"))]
    addresses = {
        "unsubscribe": links.unsubscribe(signing.token_of_test(edition.newsletter_id)),
        preflight_links.BROWSER_VIEW: links.in_browser(edition.public),
        **({"picture": own[0]} if own else {}),
    }
    return preflight_links.Site(
        settings.SITE_URL, is_private(links.host()), chosen.allow_private_hosts, links.sender_id(), addresses
    )


def _facts(edition: Edition, given: Given, known: dict[str, Probe]) -> Facts:
    placed = [item for item in given.items if item.article_id]
    articles = {item.article_id: item.pk for item in placed if item.article_id}
    before = {articles[pk]: name for pk, name in _sent_before(edition, articles).items()}
    entries = {item.pk: _known(item, before.get(item.pk, "")) for item in placed}
    shown = (url for url in picture_addresses(given.snapshot) if url in known)
    files = {url: PictureFile(known[url].kind, known[url].size) for url in shown}
    return Facts(edition.send_at or timezone.now(), entries, files)


def _known(item: Item, also_in: str) -> Known:
    article = cast("Any", item.article)
    return Known(article.held_at is not None, article.embargo_until, also_in)


def _sent_before(edition: Edition, articles: Iterable[int]) -> dict[int, str]:
    """Of these articles, those that another edition of this newsletter sent, and the latest that did."""
    sent = Item.objects.filter(edition__newsletter=edition.newsletter, edition__status__in=OUT, dropped=False)
    sent = sent.exclude(edition=edition).filter(article__in=list(articles)).select_related("edition__newsletter")
    return {item.article_id: str(item.edition) for item in sent.order_by("pk") if item.article_id}


def _variants(facts: Given, made: Sequence[Copy]) -> list[Variant]:
    readers = variants.readers(facts.chosen, [each.topic_set for each in made])
    return [
        Variant(
            topic_set=each.topic_set,
            topics=each.topics,
            readers=readers[each.topic_set],
            size=len(each.made.html.encode()) if isinstance(each.made, Rendered) else 0,
            stories=variants.stories(each.snapshot),
            headline=next((i["title"] for s in each.snapshot["sections"] for i in s["items"] if i["title"]), ""),
        )
        for each in made
    ]
