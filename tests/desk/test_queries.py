"""What a page costs the database: a dozen queries at most, however full it is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.deliveries import plan, send
from newsletter.editions import draft
from newsletter.editions.models import Edition, Pin
from newsletter.feeds.models import Change
from newsletter.newsletters.models import AuditEntry
from newsletter.subscribers import topics
from newsletter.subscribers.models import Subscriber, Subscription
from newsletter.tracking.models import Alert, Event
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.desk.test_rights import SHOWS

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MOST = 12
OF_THE_DRAFT = {"desk-check", "desk-look", "desk-stories", "desk-item"}


@pytest.fixture
def sending(newsletter):
    """An edition on its way, of which a server and a returned mail tell trouble; its newsletter has topic copies."""
    made = builders.add_readers(newsletter, 22)
    Subscription.objects.filter(pk__in=[each.pk for each in made[:20]]).update(topic_set=topics.key_of(["Africa"]))
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    while plan.plan_next(batch_size=10):
        pass
    send.send_next(MemoryTransport(batch_size=10))
    delivery, now = edition.deliveries.filter(status="accepted").first(), timezone.now()
    facts = {"kind": "bounce", "cause": "soft", "at": now, "received_at": now, "delivery_id": delivery.pk}
    for batch in (delivery.batch.public_id, None):
        Event.objects.create(key=uuid4(), edition=edition.public_id, batch=batch, source="sendgrid", **facts)
    return Edition.objects.get(pk=edition.pk)


@pytest.fixture
def filled(sending):
    """With editions before, a draft of many stories, other newsletters, changes, pins and alerts."""
    newsletter, began = sending.newsletter, timezone.now() - timedelta(days=1)
    for number in range(3):
        other = builders.make_newsletter(f"Parallel {number}")
    for number in range(16):
        builders.make_article(f"Story {number}", hours_ago=number, kind="Reporting", image=picture(number), byline=[])
    past = {
        "stories_from": began,
        "stories_until": began,
        "kind": "regular",
        "status": "sent",
        "snapshot": sending.snapshot,
    }
    Edition.objects.bulk_create(
        Edition(newsletter=newsletter, number=n, started_at=began - timedelta(weeks=n), planned=30, **past,
                period_start=(began - timedelta(weeks=n)).date(), content_hash="x")
        for n in range(2, 11)
    )  # fmt: skip
    made = draft.compose_regular(newsletter).edition
    for item in made.items.filter(article__isnull=False):
        Change.objects.create(article=item.article, at=timezone.now(), fields={"title": ["Old", "New"]})
    Pin.objects.create(newsletter=newsletter, article=builders.make_article("Pinned", hours_ago=900))
    alerts = [Alert(key=f"held:{n}", level="page", words="Held", raised_at=began, ended_at=began) for n in range(5)]
    Alert.objects.bulk_create(alerts)
    AuditEntry.objects.bulk_create(AuditEntry(verb="edit", subject=f"edition {made.pk}", detail={}) for n in range(60))
    draft.compose_special(other)
    return made


def picture(number):
    return {"url": f"https://meridian.example/{number}.jpg", "width": 900, "height": 600, "alt": "", "credit": ""}


def addresses(address, filled, sending):
    """Every page of the desk; those of one edition for the draft, and for the one that goes out."""
    reader = Subscriber.objects.filter(deliveries__isnull=False).first()
    for name in SHOWS:
        yield address(name, **({"pk": reader.pk} if name == "desk-reader" else {"item": filled.items.first().pk}))
        if "/editions/" in (path := address(name)) and name not in OF_THE_DRAFT:
            yield path.replace(f"/editions/{edition_in(path)}", f"/editions/{sending.pk}")
            yield path.replace(f"/editions/{edition_in(path)}", f"/editions/{filled.pk}")


def edition_in(path):
    return path.split("/")[3]


def test_no_page_asks_more_than_a_dozen_times(as_role, filled, sending, address):
    client, counts = as_role("admin"), {}
    for path in addresses(lambda name, **ids: address(name, **{"pk": filled.pk, **ids}), filled, sending):
        asked: list[str] = []
        with connection.execute_wrapper(lambda run, sql, *rest, seen=asked: (seen.append(sql), run(sql, *rest))[1]):
            assert client.get(path).status_code in (200, 286)
        counts[path] = len(asked)
    assert len(counts) > len(SHOWS)
    assert {path: count for path, count in counts.items() if count > MOST} == {}
