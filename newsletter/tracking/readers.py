"""What events mean for readers, by the table in policy.py: suppressed, gone, or not judged at all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from newsletter.numbers import counted
from newsletter.recordset import among
from newsletter.subscribers import consent
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression
from newsletter.subscribers.suppression import Evidence, replace_soft, suppress
from newsletter.tracking import policy, streak
from newsletter.tracking.copies import Copy
from newsletter.tracking.events import Cause, Kind
from newsletter.tracking.fate import Told, said
from newsletter.tracking.models import Event

Reason = Suppression.Reason
WINDOW = timedelta(minutes=policy.DOUBT_MINUTES)


def act(told: Sequence[Told], copies: Mapping[int, Copy]) -> set[int]:
    """Suppress and unsubscribe as the table says; returns the events that are held because they are too many.

    Call it when the copies have moved: rows of soft bounces are counted by them.
    """
    sentences = [event for event in told if policy.rule(event.kind, event.cause).suppress]
    held = _doubtful([event for event in sentences if policy.rule(event.kind, event.cause).doubted], copies)
    at_once = [each for each in sentences if each.pk not in held and policy.rule(each.kind, each.cause).editions == 1]
    suppress((address_of(event, copies), evidence_of(event, copies)) for event in at_once)
    _judge_rows(told, copies)
    for event in told:
        if policy.rule(event.kind, event.cause).leaves:
            _leave(event, copies)
    return held


def _copy(event: Told, copies: Mapping[int, Copy]) -> Copy | None:
    return copies.get(event.delivery_id or 0)


def address_of(event: Told, copies: Mapping[int, Copy]) -> str:
    copy = _copy(event, copies)
    return copy.address_key if copy else event.address_key


def evidence_of(event: Told, copies: Mapping[int, Copy]) -> Evidence:
    reason = policy.rule(event.kind, event.cause).suppress
    return Evidence(reason, event.at, event.key, _note(event, copies))


def _note(event: Told, copies: Mapping[int, Copy]) -> str:
    copy = _copy(event, copies)
    what = f"{event.kind} {event.cause}".strip()
    where = f" of edition {copy.edition.pk}" if copy else ""
    return f"{what}{where}, {event.at:%Y-%m-%d %H:%M} UTC: {said(event.status, event.words)}".rstrip(" :")


def _doubtful(hard: Sequence[Told], copies: Mapping[int, Copy]) -> set[int]:
    """The events beyond what is believable within ten minutes; once some are held, all that follow are (T-17)."""
    keys = {event.pk: address_of(event, copies) for event in hard}
    if not keys:
        return set()
    known = set(
        Suppression.objects.filter(address_key__in=among(set(keys.values()), "text")).values_list(
            "address_key", flat=True
        )
    )
    room, held = _room(hard, copies), set()
    for event in sorted(hard, key=lambda each: (each.at, each.key)):
        key = keys[event.pk]
        if key and key not in known:
            room -= 1
            if room < 0:
                held.add(event.pk)
            else:
                known.add(key)
    return held


def _room(hard: Iterable[Told], copies: Mapping[int, Copy]) -> int:
    """How many more addresses may be believed to be dead just now."""
    if Event.objects.filter(state=Event.State.HELD).exists():
        return 0
    about = [copy.edition.planned for event in hard if (copy := _copy(event, copies))]
    readers = max(about) if about else Subscriber.objects.count()  # a list of theirs is about no edition
    since = timezone.now() - WINDOW
    lately = Suppression.objects.filter(reason=Reason.HARD_BOUNCE, created_at__gt=since, evidence__isnull=False).count()
    return max(policy.DOUBT_LEAST, int(policy.DOUBT_SHARE * readers)) - lately


def _judge_rows(told: Iterable[Told], copies: Mapping[int, Copy]) -> None:
    """Soft bounces count by editions in a row: judged anew for whoever got one, and for the suppressed who got mail."""
    need = policy.RULES[Kind.BOUNCE, Cause.SOFT].editions
    touched = [(event, copy) for event in told if (copy := _copy(event, copies)) and _touches_rows(event)]
    barred = Suppression.objects.filter(reason=Reason.SOFT_BOUNCES)
    keys = {copy.address_key for _, copy in touched}
    lifted = set(barred.filter(address_key__in=among(keys, "text")).values_list("address_key", flat=True))
    soft = {copy.address_key for event, copy in touched if event.cause == Cause.SOFT}
    people = {copy.subscriber_id for _, copy in touched if copy.address_key in lifted | soft}
    for key, row in streak.rows(people).items():
        counts = len(row) >= need
        if counts or key in lifted:
            replace_soft(key, _row_evidence(row) if counts else None)


def _touches_rows(event: Told) -> bool:
    return event.kind == Kind.DELIVERED or event.cause == Cause.SOFT


def _row_evidence(row: Sequence[streak.Soft]) -> Evidence:
    first = min(row, key=lambda each: (each.at, each.key))
    last = max(row, key=lambda each: (each.at, each.key))
    editions = counted(len(row), "edition")
    note = f"bounced softly in {editions} in a row, none delivered between: {said(last.status, last.words)}".rstrip(
        " :"
    )
    return Evidence(Reason.SOFT_BOUNCES, first.at, last.key, note)


def _leave(event: Told, copies: Mapping[int, Copy]) -> None:
    """End the subscription, unless the reader came back after what the event tells of."""
    copy = _copy(event, copies)
    if copy is not None:
        theirs = Q(subscriber_id=copy.subscriber_id)
        if not policy.rule(event.kind, event.cause).leaves_all:
            theirs &= Q(newsletter_id=copy.edition.newsletter_id)
    elif event.address_key:
        theirs = Q(subscriber__address_key=event.address_key)
    else:
        return
    for subscription in Subscription.objects.filter(theirs).exclude(status=Subscription.Status.UNSUBSCRIBED):
        later = Consent.objects.filter(subscription=subscription, status="active", at__gt=event.at)
        if not later.exists():
            consent.unsubscribe(subscription, Consent.Source.PROVIDER, detail=_note(event, copies)[:300])
