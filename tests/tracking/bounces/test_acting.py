"""What returned mail does, and to whom: nothing without our own seal, nothing twice (S-42, T-18)."""

import random

import pytest
from django.utils import timezone

from newsletter.deliveries.models import Batch
from newsletter.editions.models import Edition
from newsletter.subscribers import by_mail, tokens
from newsletter.subscribers.models import Consent, Subscription, Suppression
from newsletter.tracking import erase, returned, watchdog
from newsletter.tracking.models import Event, ReturnedMail
from tests.tracking.bounces import others, shapes
from tests.tracking.bounces.conftest import about, counted_as, everything, seal

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
UNKNOWN = shapes.postfix("550 5.1.1 User unknown", "5.1.1")
FULL = shapes.postfix("552 5.2.2 mailbox full", "5.2.2")
BLOCKED = shapes.postfix("554 5.7.1 blocked using spamhaus", "5.7.1")
ABUSE = "Feedback-Type: abuse\nVersion: 1"


def test_a_hard_bounce_suppresses_its_reader_and_says_why(copies):
    assert returned.take(about(copies[0], UNKNOWN)).outcome == "counted"
    assert counted_as(everything()) == ["bounced", "accepted", "accepted", "accepted"]
    row = Suppression.objects.get()
    assert row.address_key == copies[0].address_key
    assert row.reason == "hard_bounce"
    assert "550 5.1.1 User unknown" in row.note
    assert "reader0" not in row.note


def test_a_soft_bounce_and_a_block_suppress_nobody_and_the_block_counts_for_the_breaker(copies):
    returned.take(about(copies[0], FULL))
    returned.take(about(copies[1], BLOCKED))
    assert counted_as(everything()) == ["bounced", "bounced", "accepted", "accepted"]
    assert not Suppression.objects.exists()
    assert Batch.objects.get().blocked == 1


def test_the_same_mail_counts_once_however_often_and_by_whatever_way_it_comes(copies):
    mail = about(copies[0], UNKNOWN)
    first = returned.take(mail)
    again = [returned.take(mail) for _ in range(3)] + [returned.take(mail.replace(b"\n", b"\r\n"))]
    assert not first.known
    assert all(each.known for each in again)
    # With another trace on it the mail is another one, the event is not.
    returned.take(b"Received: from a.example by b.example; Thu, 26 Nov 2026 12:00:09 +0000\n" + mail)
    everything()
    assert Event.objects.count() == 1


@pytest.mark.parametrize("flaw", ["another copy", "another edition", "another seal", "none"])
def test_a_forged_bounce_changes_nothing_and_is_quarantined(copies, flaw):
    sealed = seal(copies[0])
    number, proof = str(copies[0].pk), sealed.partition("@")[0].rpartition(".")[2]
    forged = {
        "another copy": sealed.replace(f".{number}.", f".{copies[1].pk}."),
        "another edition": sealed.replace(copies[0].edition.public, "00000000000000aa"),
        "another seal": sealed.replace(proof, "a" * 16),
        "none": shapes.US,
    }[flaw]
    before = everything()
    taken = returned.take(UNKNOWN.replace(shapes.US, forged).encode())
    assert (taken.outcome, taken.fault.partition(":")[0]) == ("quarantined", "unproven" if flaw == "none" else "forged")
    assert everything() == before
    assert b"User unknown" in bytes(ReturnedMail.objects.get().head)


def test_a_bounce_that_comes_weeks_later_is_no_news(copies):
    Edition.objects.update(send_at=timezone.now() - returned.LATEST * 2)
    taken = returned.take(about(copies[0], UNKNOWN))
    assert taken.fault.startswith("late")
    assert not Event.objects.exists()


def test_a_dead_address_to_which_the_readers_mail_is_handed_on_does_not_cost_the_reader(copies):
    mail = about(copies[0], UNKNOWN).replace(b"reader0@example.org", b"somebody.else@other.example")
    returned.take(mail)
    assert counted_as(everything())[0] == "bounced"
    assert not Suppression.objects.exists()


def test_a_server_that_calls_the_mailbox_by_its_inner_domain_is_believed(copies):
    returned.take(about(copies[0], UNKNOWN).replace(b"reader0@example.org", b"reader0@mail.intern.example"))
    everything()
    assert Suppression.objects.get().reason == "hard_bounce"


def test_a_complaint_counts_by_the_seal_in_the_mail_that_it_returns(copies):
    sealed = shapes.RETURNED.replace("Received:", f"Return-Path: <{seal(copies[0])}>\nReceived:", 1)
    mail = shapes.feedback(ABUSE).replace(shapes.RETURNED, sealed)
    assert returned.take(mail.encode()).outcome == "counted"
    assert counted_as(everything())[0] == "complained"
    assert Suppression.objects.get().reason == "complaint"


def test_or_by_the_readers_own_link_in_it_and_the_copy_that_its_message_id_names(copies, settings):
    mail = complaint_with_link(copies[0], copies[0], settings)
    assert returned.take(mail).outcome == "counted"
    assert counted_as(everything())[0] == "complained"
    assert Subscription.objects.get(subscriber=copies[0].subscriber).status == "unsubscribed"


def test_with_their_own_link_nobody_can_complain_in_anothers_name(copies, settings):
    # Given reader 0's link, with a Message-ID that names the copy of reader 1
    returned.take(complaint_with_link(copies[0], copies[1], settings))
    # Then the complaint is reader 0's
    everything()
    assert Suppression.objects.get().address_key == copies[0].address_key
    assert counted_as(everything()) == ["accepted"] * 4


def complaint_with_link(reader, copy, settings):
    token = tokens.token_for(Subscription.objects.get(subscriber=reader.subscriber).public_id)
    named = shapes.RETURNED.replace("https://news.example/u/x", f"{settings.SITE_URL}/u/{token}")
    named = named.replace("00000000000000ab.17@", f"{copy.edition.public}.{copy.pk}@")
    return shapes.feedback(ABUSE).replace(shapes.RETURNED, named).encode()


def test_a_complaint_without_any_seal_is_quarantined(copies):
    assert returned.take(shapes.feedback(ABUSE).encode()).outcome == "quarantined"
    assert not Event.objects.exists()


@pytest.mark.parametrize("subject", ["unsubscribe", "", "You have won", "Re: 550 User unknown"])
def test_any_mail_to_the_address_for_leaving_leaves(copies, subject):
    subscription = Subscription.objects.get(subscriber=copies[0].subscriber)
    mail = shapes.person("What I say here does not matter.", subject=subject, sender="Somebody <else@other.example>")
    assert returned.take(mail.replace(shapes.US, leaving(subscription)).encode()).outcome == "left"
    subscription.refresh_from_db()
    assert subscription.status == "unsubscribed"
    assert Consent.objects.get(subscription=subscription).source == "mail"


@pytest.mark.parametrize("name", ["out of office", "by RFC 3834", "a delay by exim", "a receipt"])
def test_but_not_what_a_machine_answers(copies, name):
    subscription = Subscription.objects.get(subscriber=copies[0].subscriber)
    text = {**others.AUTOMATIC, **others.NOTHING}[name].replace(shapes.US, leaving(subscription))
    assert returned.take(text.encode()).outcome == "nothing"
    bounced = UNKNOWN.replace(shapes.US, leaving(subscription))
    assert returned.take(bounced.encode()).outcome == "nothing"
    subscription.refresh_from_db()
    assert subscription.status == "active"


def test_a_forged_address_for_leaving_is_quarantined(copies):
    subscription = Subscription.objects.get(subscriber=copies[0].subscriber)
    address = leaving(subscription)
    forged = address.replace("+leave.", "+leave.a" if "+leave.a" not in address else "+leave.b")[: len(address)]
    local, _, domain = forged.partition("@")
    taken = returned.take(
        shapes.person("x").replace(shapes.US, f"{local[: len('bounces+leave.') + 40]}@{domain}").encode()
    )
    assert taken.outcome == "quarantined"
    assert set(Subscription.objects.values_list("status", flat=True)) == {"active"}


def leaving(subscription):
    by_mail.mailbox_was_read(timezone.now())
    letters = by_mail.letters_of(tokens.token_for(subscription.public_id))
    return by_mail.address_with_slot(timezone.now()).replace("@@LEAVE@@", letters)


def test_a_person_leaves_with_their_own_link_from_their_own_address_and_else_waits_for_a_person(copies, settings):
    subscription = Subscription.objects.get(subscriber=copies[0].subscriber)
    quoted = f"\n\n> To leave: {settings.SITE_URL}/u/{tokens.token_for(subscription.public_id)}"
    assert returned.take(shapes.person("unsubscribe").encode()).outcome == "person"
    # To whom they handed their copy has the link too.
    assert returned.take(shapes.person(f"Please unsubscribe me{quoted}").encode()).outcome == "person"
    assert set(Subscription.objects.values_list("status", flat=True)) == {"active"}
    theirs = shapes.person(f"Please unsubscribe me{quoted}", sender="Reader 0 <Reader0@example.org>")
    assert returned.take(theirs.encode()).outcome == "left"
    subscription.refresh_from_db()
    assert subscription.status == "unsubscribed"
    assert Subscription.objects.filter(status="active").count() == 3


def test_their_seal_and_their_own_address_let_a_person_leave_without_a_quote(copies):
    bare = shapes.person("unsubscribe", sender="Reader 0 <Reader0@example.org>")
    anothers = bare.replace(shapes.US, seal(copies[1]))
    assert returned.take(anothers.encode()).outcome == "person"
    assert returned.take(bare.replace(shapes.US, seal(copies[0])).encode()).outcome == "left"
    gone = Subscription.objects.filter(status="unsubscribed").values_list("subscriber_id", flat=True)
    assert list(gone) == [copies[0].subscriber_id]


def test_a_wish_that_nothing_proves_is_told_until_a_person_settled_it(copies):
    wish = shapes.person("unsubscribe").encode()
    returned.take(wish)
    (found,) = [each for each in watchdog.look() if each.key == "wishes-to-leave"]
    assert found.words.startswith("1 answer asks to leave")
    assert returned.dismiss() == 1
    assert "wishes-to-leave" not in [each.key for each in watchdog.look()]
    assert returned.take(wish).stays  # nobody but a person moves it


def test_an_erased_reader_is_forgotten_in_quarantine_too(copies):
    for copy in copies[:2]:
        returned.take(UNKNOWN.replace(shapes.READER, copy.subscriber.email).encode())
    erase.erase(copies[0].subscriber)
    kept = ReturnedMail.objects.filter(head__isnull=False)
    assert [b"reader1@" in bytes(row.head) for row in kept] == [True]


def test_strangers_cannot_fill_the_quarantine(copies, monkeypatch):
    monkeypatch.setattr(returned, "_MOST_KEPT", 2)
    for number in range(4):
        returned.take(f"X-Number: {number}\n{UNKNOWN}".encode())
    assert ReturnedMail.objects.filter(outcome="quarantined").count() == 4
    assert ReturnedMail.objects.filter(head__isnull=False).count() == 2


def test_replies_and_automatic_answers_change_nothing(copies):
    before = everything()
    for case in others.HARMLESS:
        taken = returned.take(about(copies[0], case.text))
        assert taken.outcome in ("nothing", "person", "quarantined"), case.name
    assert everything() == before


def test_a_person_may_quote_as_many_headers_as_they_like(copies):
    quoted = "\n".join(["Content-Type: multipart/mixed; boundary=x"] * 45 + ["Content-Type: message/rfc822"] * 45)
    assert returned.take(shapes.person(f"Why does your mail have these?\n{quoted}").encode()).stays


def test_a_mail_that_goes_round_or_claims_to_come_from_us_is_a_loop(copies):
    round_and_round = "Received: from a.example by b.example; Thu, 26 Nov 2026 12:00:00 +0000\n" * 80
    from_us = UNKNOWN.replace("From: MAILER-DAEMON@mx.news.example (Mail Delivery System)", f"From: {shapes.US}")
    for text in (round_and_round + UNKNOWN, from_us):
        taken = returned.take(
            about(copies[0], text).replace(seal(copies[0]).encode() + b"\nTo", shapes.US.encode() + b"\nTo")
        )
        assert taken.fault.startswith("loop")
    assert not Event.objects.exists()


def test_in_whatever_order_they_come_the_end_is_the_same(copies):
    mails = [about(copies[0], UNKNOWN), about(copies[0], FULL), about(copies[1], BLOCKED), about(copies[2], UNKNOWN)]
    ends = []
    for seed in range(4):
        shuffled = random.Random(seed).sample(mails * 2, 8)
        for mail in shuffled:
            returned.take(mail)
        ends.append(everything()["suppressed"] + counted_as(everything()))
    assert len({tuple(end) for end in ends}) == 1
    assert ends[0] == ["hard_bounce", "hard_bounce", "bounced", "bounced", "bounced", "accepted"]
