"""What staff may ask and do about one reader."""

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.newsletters.models import AuditEntry
from newsletter.subscribers import addresses, former
from newsletter.subscribers.models import Release, Subscriber, Subscription, Suppression
from newsletter.tracking.models import Erasure
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    newsletter = builders.make_newsletter()
    (subscription,) = builders.add_readers(newsletter, 1)
    Delivery.objects.create(
        edition=builders.scheduled_edition(newsletter), subscriber=subscription.subscriber, address_key="k",
        status="excluded", reason="paused", updated_at=timezone.now(),
    )  # fmt: skip
    return subscription.subscriber


def test_why_says_what_became_of_each_copy(reader, terminal):
    assert terminal("subscriber", "why", reader.email, "--json") == 0
    assert terminal.object["reason"] == "they pause"


def test_export_prints_everything(reader, terminal):
    assert terminal("subscriber", "export", reader.email) == 0
    assert (terminal.object["address"], terminal.object["editions"][0]["reason"]) == (reader.email, "paused")


def test_erasing_asks_first_and_leaves_nothing_but_a_fingerprint(reader, terminal):
    assert terminal("subscriber", "erase", reader.email) == 5
    assert Subscriber.objects.get().email
    assert terminal("subscriber", "erase", reader.email, "--yes") == 0
    assert Subscriber.objects.get().email is None
    # Whoever types the address is told what became of it
    assert terminal("subscriber", "show", reader.email, "--json") == 0
    assert (terminal.object["address"], terminal.object["suppressed"]) == (reader.email, "erased")
    assert (terminal.object["subscriptions"], terminal.object["erasure"]["provider"]) == ([], "none")
    assert terminal("subscriber", "why", reader.email) == 0
    assert "Erased" in terminal.err
    assert "it was not asked" in terminal.err
    assert terminal.out == ""


def test_show_has_its_stable_keys(reader, terminal):
    assert terminal("subscriber", "show", reader.email.upper(), "--json") == 0
    assert terminal.object["subscriptions"] == [{"newsletter": "the-meridian", "status": "active"}]
    assert (terminal.object["address"], terminal.object["suppressed"]) == ("reader0@example.org", None)


def test_whoever_moved_is_found_by_the_address_that_they_left(reader, terminal):
    # Given a reader who moved
    old, new = reader.email, "ada@example.net"
    former.moved(reader, addresses.key(new), timezone.now())
    Subscriber.objects.update(email=new, address_key=addresses.key(new))
    # When staff are asked about the old address
    assert terminal("subscriber", "show", old) == 0
    # Then they are told of the person, and where their mail goes now
    assert new in terminal.out
    assert f"{old} is their former address." in terminal.out
    assert terminal("subscriber", "why", old, "--json") == 0
    assert terminal.object["reason"] == "they pause"
    # Who shall not be mailed, or wants to leave or be forgotten, is meant whichever address is named
    assert terminal("subscriber", "suppress", old) == 0
    assert set(Suppression.objects.values_list("address_key", flat=True)) == {addresses.key(old), addresses.key(new)}
    assert terminal("subscriber", "unsubscribe", old) == 0
    assert Subscription.objects.get().status == "unsubscribed"
    assert terminal("subscriber", "erase", old, "--yes") == 0
    assert Subscriber.objects.get().email is None
    assert terminal("subscriber", "show", new) == 0


def test_of_whom_nothing_is_known_nothing_is_said(terminal):
    assert terminal("subscriber", "show", "nobody@example.org") == 2
    assert "Nobody is known by nobody@example.org" in terminal.err
    assert terminal("subscriber", "why", "nobody@example.org") == 2


def test_an_address_is_suppressed_with_a_note_and_shown_with_it(terminal):
    assert terminal("subscriber", "suppress", "ada@example.org", "--note", "asked by phone") == 0
    assert terminal("subscriber", "show", "ada@example.org") == 0
    assert "Suppressed for manual since" in terminal.out
    assert "asked by phone" in terminal.out
    assert AuditEntry.objects.get().verb == "suppress"
    assert terminal("subscriber", "suppress", "ada@example.org") == 0
    assert "was suppressed before" in terminal.err


def test_a_persons_decision_takes_the_place_of_a_providers_report(terminal):
    Suppression.objects.create(address_key=addresses.key("ada@example.org"), reason="soft_bounces")
    assert terminal("subscriber", "suppress", "ada@example.org", "--reason", "complaint") == 0
    assert Suppression.objects.get().reason == "complaint"


def test_releasing_shows_the_evidence_needs_a_reason_and_is_kept(terminal):
    Suppression.objects.create(address_key=addresses.key("ada@example.org"), reason="hard_bounce", note="550 5.1.1")
    assert terminal("subscriber", "release", "ada@example.org") == 2
    assert terminal("subscriber", "release", "ada@example.org", "--reason", "a typo of their host") == 0
    assert "550 5.1.1" in terminal.err
    assert not Suppression.objects.exists()
    assert (Release.objects.get().was, Release.objects.get().reason) == ("hard_bounce", "a typo of their host")
    assert terminal("subscriber", "release", "ada@example.org", "--reason", "again") == 5


def test_a_complaint_is_released_only_by_whoever_says_yes_and_an_erasure_never(terminal):
    key = addresses.key("ada@example.org")
    Suppression.objects.create(address_key=key, reason="complaint")
    assert terminal("subscriber", "release", "ada@example.org", "--reason", "by mistake") == 5
    assert terminal("subscriber", "release", "ada@example.org", "--reason", "by mistake", "--yes") == 0
    Suppression.objects.create(address_key=key, reason="erased")
    Erasure.objects.create(address_key=key, status="none")
    assert terminal("subscriber", "release", "ada@example.org", "--reason", "please", "--yes") == 5
    assert Suppression.objects.get().reason == "erased"
