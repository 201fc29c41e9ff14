"""Signing up: the web writes down what was asked, and says the same to everybody; a bell decides who gets a letter.

Nothing that the web does depends on whether an address is known, so neither text nor time tells. The letter asks to
confirm; until then nobody is a reader. Limits count what was mailed and not confirmed, so that whoever owns an address
is never kept from it by their own sign-ups.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter
from newsletter.signing import LIFE, Purpose
from newsletter.subscribers import addresses, defence, limits, mailboxes
from newsletter.subscribers.models import SignUp, Subscriber, Subscription, Suppression, Wording

CHUNK = 500
KEPT = limits.MONTH + limits.DAY  # as long as a limit looks back
Status, Source = SignUp.Status, SignUp.Source
KINDS = ("confirmation", "already", "address-change")
"""Letters that answer a request; the dedupe key of each ends in its number."""
BARS = [each for each in Suppression.Reason.values if each != Suppression.Reason.ERASED]
"""Who complained or cannot be reached gets no mail. Whoever was forgotten may come back as somebody new."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody typed, checked; and how it came about."""

    address: str
    newsletters: Sequence[Newsletter]
    name: str = ""
    topics: Sequence[str] = ()
    source: SignUp.Source = Source.PAGE
    wording: str = ""
    network: str = ""
    seconds: float | None = None
    trapped: bool = False
    proved: str = ""


@transaction.atomic
def ask(asked: Asked, mover: Subscriber | None = None) -> SignUp:
    """Write a request down, whoever it is for. `mover`: the reader who wants their letters at this address."""
    wording = _wording(asked.wording) if asked.wording else None
    made = SignUp.objects.create(**drawn_up(asked), wording=wording, subscriber=mover)
    made.newsletters.set(asked.newsletters)
    return made


def drawn_up(asked: Asked) -> dict[str, Any]:
    """The row's columns."""
    big = mailboxes.of(asked.address) != mailboxes.Mailbox.OTHER
    return {
        "address": asked.address,
        "address_key": addresses.key(asked.address),
        "abuse_key": addresses.abuse_key(asked.address),
        "domain": "" if big else addresses.domain_of(asked.address),
        "network": asked.network,
        "name": asked.name,
        "topics": sorted(asked.topics),
        "source": asked.source,
        "seconds": asked.seconds,
        "trapped": asked.trapped,
        "proved": asked.proved,
    }


def _wording(text: str) -> Wording:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Wording.objects.get_or_create(digest=digest, defaults={"text": text})[0]


def waiting() -> bool:
    """Whether a request waits for its answer."""
    return SignUp.objects.filter(status=Status.WAITING).exists()


def answer_waiting(now: datetime | None = None) -> int:
    """Decide about up to CHUNK requests: a letter, or none. Returns how many. Only one worker decides at a time."""
    if not waiting():
        return 0
    now = now or timezone.now()
    with transaction.atomic():
        guard = defence.locked()
        found = list(SignUp.objects.filter(status=Status.WAITING).order_by("id")[:CHUNK])
        known = _known(found, now)
        rules = defence.look(guard, now)
        refused: dict[str, list[int]] = {}
        for each in found:
            refused.setdefault(_answer(each, known, rules), []).append(each.pk)
        _keep(refused, now)
    return len(found)


def _keep(answers: dict[str, list[int]], now: datetime) -> None:
    """What became of a chunk: its requests by the reason for which they were refused; "" was mailed."""
    for reason, ids in answers.items():
        values = {"status": Status.REFUSED, "reason": reason, "address": "", "name": ""}
        values = values if reason else {"status": Status.MAILED}
        SignUp.objects.filter(pk__in=ids).update(decided_at=now, **values)


@dataclass
class _Known:
    """What the answers to a chunk depend on, asked once for all of it."""

    seen: limits.Seen
    barred: set[str]
    active: dict[str, dict[int, int]] = field(default_factory=dict)  # address key: newsletter: subscription's public id


def _answer(request: SignUp, known: _Known, rules: limits.Limits) -> str:
    """Write the letter; or say why not."""
    if reason := _refusal(request, known, rules):
        return reason
    newsletters = list(request.newsletters.all())
    if not newsletters:
        return "newsletter: gone"
    known.seen.add(request.abuse_key, request.network, request.domain)
    _write(request, newsletters, known.active.get(request.address_key, {}))
    return ""


def _refusal(request: SignUp, known: _Known, rules: limits.Limits) -> str:
    if request.address_key in known.barred:
        return "suppressed"
    return known.seen.refusal(request.abuse_key, request.network, request.domain, rules)


def _write(request: SignUp, newsletters: list[Newsletter], active: dict[int, int]) -> None:
    """The letter; it carries nothing that was typed, since anybody may have typed it."""
    kind, facts = "confirmation", {"request": request.public_id, "asked_at": request.created_at}
    if request.subscriber_id:
        kind = "address-change"
    elif not [each for each in newsletters if each.pk not in active]:
        kind, facts = "already", {"subscription": active[newsletters[0].pk]}
    if kind != "address-change":
        facts["names"] = [each.name for each in newsletters]
    writing.write(kind, request.address, str(request.pk), newsletter=newsletters[0], **facts)


def _known(requests: Iterable[SignUp], now: datetime) -> _Known:
    keys = {each.address_key for each in requests}
    active: dict[str, dict[int, int]] = {}
    gets = Subscription.objects.filter(subscriber__address_key__in=keys, status=Subscription.Status.ACTIVE)
    for key, newsletter, public_id in gets.values_list("subscriber__address_key", "newsletter_id", "public_id"):
        active.setdefault(key, {})[newsletter] = public_id
    barred = Suppression.objects.filter(address_key__in=keys, reason__in=BARS).values_list("address_key", flat=True)
    return _Known(_seen(requests, now), set(barred), active)


def _seen(requests: Iterable[SignUp], now: datetime) -> limits.Seen:
    seen = limits.Seen()
    unconfirmed = SignUp.objects.filter(
        abuse_key__in={each.abuse_key for each in requests},
        decided_at__gt=now - limits.MONTH,
        status__in=[Status.MAILED, Status.EXPIRED],
    )
    found = list(unconfirmed.values_list("pk", "abuse_key", "decided_at"))
    today = [(pk, key) for pk, key, at in found if at is not None and at > now - limits.DAY]
    failed = _failed(pk for pk, _ in today)
    seen.month.update(key for _, key, _ in found)
    seen.day.update(key for pk, key in today if pk not in failed)
    mailed = SignUp.objects.filter(status__in=[Status.MAILED, Status.CONFIRMED], decided_at__gt=now - limits.HOUR)
    for name, counter in (("network", seen.network), ("domain", seen.domain)):
        named = mailed.filter(Q((f"{name}__in", {getattr(each, name) for each in requests})))
        counter.update(dict(named.values_list(name).annotate(Count("id"))))
    return seen


def _failed(requests: Iterable[int]) -> set[int]:
    """Those whose letter was refused, or may be lost: whoever asks again gets another, thrice a month at most."""
    written = letters_of(requests)
    lost = Letter.objects.filter(dedupe_key__in=written, status__in=[Letter.Status.REJECTED, Letter.Status.UNKNOWN])
    return {written[key] for key in lost.values_list("dedupe_key", flat=True)}


def letters_of(requests: Iterable[int]) -> dict[str, int]:
    """The dedupe keys of all letters that may answer these requests, and which each answers."""
    return {f"{kind}:{each}": each for each in requests for kind in KINDS}


def tidy(now: datetime | None = None) -> int:
    """Forget the addresses of requests that can no longer be confirmed, and requests that no limit counts."""
    now = now or timezone.now()
    late = SignUp.objects.filter(status=Status.MAILED, decided_at__lt=now - LIFE[Purpose.CONFIRM])
    forgotten = late.update(status=Status.EXPIRED, address="", name="")
    old = SignUp.objects.filter(status__in=[Status.REFUSED, Status.EXPIRED], created_at__lt=now - KEPT)
    deleted, _ = old.delete()
    return forgotten + deleted
