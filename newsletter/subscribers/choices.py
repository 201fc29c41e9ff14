"""What readers choose by the link in their mail: to stay or leave, topics, a pause; and coming back within a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from newsletter.letters import writing
from newsletter.subscribers import consent, topics
from newsletter.subscribers.models import Consent, Subscription

UNDO = timedelta(hours=24)
LONGEST_PAUSE = 26  # weeks
LINKS_A_DAY = 3
Status, Source = Subscription.Status, Consent.Source
TOOK_BACK = "took back personal counting"
HERE = (Status.ACTIVE, Status.PAUSED)


def may_undo(subscription: Subscription, now: datetime) -> bool:
    """Whether this reader left so recently that they may take it back; who complained or was erased may not."""
    left, person = subscription.unsubscribed_at, subscription.subscriber
    late = subscription.status != Status.UNSUBSCRIBED or left is None or now - left >= UNDO
    return not late and person.email is not None and not consent.is_barred(person)


@transaction.atomic
def undo(subscription: Subscription, now: datetime) -> bool:
    """Take leaving back, within a day of it, and a pause with it that is not over; False when they may not."""
    mine = Subscription.objects.select_for_update().select_related("subscriber").filter(pk=subscription.pk)
    gone = mine.get()
    if not may_undo(gone, now):
        return False
    pauses = gone.paused_until is not None and gone.paused_until > now
    status, until = (Status.PAUSED, gone.paused_until) if pauses else (Status.ACTIVE, None)
    mine.update(status=status, paused_until=until, unsubscribed_at=None, alive_at=now)
    consent.remember(subscription, status, Source.PAGE, detail="undo")
    return True


@transaction.atomic
def tell_why(subscription: Subscription, reason: str, words: str) -> bool:
    """Keep what a reader said about leaving, once each time that they leave; False for whoever did not, or has said."""
    gone = Subscription.objects.select_for_update().select_related("subscriber").get(pk=subscription.pk)
    if gone.status != Status.UNSUBSCRIBED or gone.subscriber.email is None:
        return False
    said = gone.consents.filter(status=Status.UNSUBSCRIBED, source=Source.PAGE).exclude(detail__in=["", TOOK_BACK])
    if said.filter(at__gte=gone.unsubscribed_at or gone.created_at).exists():
        return False
    detail = ": ".join(filter(None, (reason, words)))[:300]
    consent.remember(subscription, Status.UNSUBSCRIBED, Source.PAGE, detail=detail)
    return True


@transaction.atomic
def pause(subscription: Subscription, weeks: int, now: datetime) -> bool:
    """No edition for so many weeks; 0 ends a pause. False when there is nothing to pause or to end."""
    here = Subscription.objects.filter(pk=subscription.pk, status__in=HERE)
    status, until = (Status.PAUSED, now + timedelta(weeks=weeks)) if weeks else (Status.ACTIVE, None)
    if not weeks:
        here = here.filter(status=Status.PAUSED)
    if not here.update(status=status, paused_until=until, alive_at=now):
        return False
    detail = f"until {until:%Y-%m-%d}" if until else "pause ended"
    consent.remember(subscription, status, Source.PAGE, detail=detail)
    return True


def end_pauses(now: datetime, most: int = 1000) -> int:
    """Make those active again whose pause is over. Returns how many."""
    over = Subscription.objects.filter(status=Status.PAUSED, paused_until__lte=now).order_by("paused_until")
    return sum(_end_pause(each, now) for each in over[:most])


@transaction.atomic
def _end_pause(subscription: Subscription, now: datetime) -> bool:
    mine = Subscription.objects.filter(pk=subscription.pk, status=Status.PAUSED, paused_until__lte=now)
    if not mine.update(status=Status.ACTIVE, paused_until=None):
        return False
    consent.remember(subscription, Status.ACTIVE, Source.CLOCK, detail="the pause was over")
    return True


@transaction.atomic
def choose_topics(subscription: Subscription, chosen: Sequence[str], now: datetime) -> bool:
    """Take these topics from now on; none is everything. False for whoever left: they choose when they come back."""
    key = topics.key_of(chosen)
    mine = Subscription.objects.select_for_update().filter(pk=subscription.pk, status__in=HERE).first()
    if mine is None:
        return False
    if mine.topic_set == key:
        return True
    Subscription.objects.filter(pk=mine.pk).update(topic_set=key, alive_at=now)
    detail = f"topics: {', '.join(sorted(chosen)) or 'everything'}"[:300]
    consent.remember(mine, mine.status, Source.PAGE, detail=detail)
    return True


@transaction.atomic
def agree_to_counting(subscription: Subscription, agrees: bool, now: datetime) -> bool:
    """Agree that what one opens is counted as one's own, or take it back; False when nothing changed.

    Whoever left may take it back, and agrees to nothing any more.
    """
    others = Subscription.objects.filter(pk=subscription.pk, counted_since__isnull=agrees)
    others = others.filter(status__in=HERE) if agrees else others
    if not others.update(counted_since=now if agrees else None, alive_at=now):
        return False
    detail = "agreed to personal counting" if agrees else TOOK_BACK
    consent.remember(subscription, subscription.status, Source.PAGE, detail=detail)
    return True


def ask_for_link(subscription: Subscription, now: datetime) -> None:
    """Have a fresh link mailed to the reader's own address; a few a day at most, whoever presses."""
    if subscription.subscriber.email is None or consent.is_barred(subscription.subscriber):
        return
    facts = {"subscription": subscription.public_id, "asked_at": now}
    for number in range(LINKS_A_DAY):
        dedupe = f"{subscription.subscriber_id}:{now:%Y-%m-%d}:{number}"
        written = writing.write(
            "fresh-link", subscription.subscriber, dedupe, newsletter=subscription.newsletter, **facts
        )
        if written:
            return


def rename(subscription: Subscription, name: str) -> None:
    """Write to the reader by this name."""
    person = subscription.subscriber
    type(person).objects.filter(pk=person.pk, email__isnull=False).update(name=name)
