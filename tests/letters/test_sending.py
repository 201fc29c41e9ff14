"""A letter on its way: through each transport, again after a refusal, and never twice by guess."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.letters import send, writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Staff
from newsletter.subscribers.models import Subscriber
from tests.fakes.sendgrid import KEY, SendGridServer
from tests.letters.samples import FACTS
from tests.mail.test_dkim import key as private_key
from tests.mail.test_dkim import pem

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def letter(editor, newsletter):
    return written(editor, newsletter)


def written(to, newsletter, name="once"):
    writing.write("draft-ready", to, name, newsletter=newsletter, **FACTS["draft-ready"])
    return Letter.objects.latest("pk")


def now_due():
    """Time passes until every waiting letter may be tried again."""
    Letter.objects.filter(status="pending").update(not_before=None)


def test_a_letter_arrives_once_with_html_and_text_from_the_newsletters_sender(letter, gate, outbox):
    assert send.send_next(gate)
    assert not send.send_next(gate)
    (mail,) = outbox()
    assert mail["To"] == "Ada Moreau <ada@meridian.example>"
    assert mail["From"].addresses[0].addr_spec == "desk@meridian.example"
    assert mail["Subject"] == "Ready for review: The Meridian No. 9"
    assert mail["Message-ID"] == f"<letter.{letter.public}@news.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert not [name for name in mail if name.lower().startswith("list-")]
    assert mail.get_body(("plain",)).get_content().startswith("The draft of The Meridian No. 9 is ready")
    assert "https://news.example.org/desk/editions/12" in mail.get_body(("html",)).get_content()


def test_what_was_accepted_is_written_down(letter, gate, outbox):
    send.send_next(gate)
    letter.refresh_from_db()
    assert (letter.status, letter.transport, letter.tries) == ("accepted", "outbox", 1)
    assert letter.finished_at
    assert gate.asked == ["outbox"]


def test_a_letter_by_sendgrid_is_not_tracked(letter, gate, configure, tmp_path):
    with SendGridServer(tmp_path / "accepted.jsonl") as server:
        configure(NEWSLETTER_TRANSPORT="sendgrid", SENDGRID_API_KEY=KEY, SENDGRID_API_URL=server.url)
        send.send_next(gate)
        accepted = (tmp_path / "accepted.jsonl").read_text()
    letter.refresh_from_db()
    assert letter.reason == ""
    assert letter.status == "accepted"
    assert letter.provider_id
    assert "ada@meridian.example" in accepted
    assert json.loads(accepted.splitlines()[0])


def test_a_letter_surely_not_sent_is_tried_again_later_and_arrives_once(letter, gate, smtp_server):
    smtp_server.script("RCPT", "450 4.2.0 Mailbox busy")
    send.send_next(gate)
    letter.refresh_from_db()
    assert letter.status == "pending"
    assert letter.not_before > timezone.now()
    assert not send.send_next(gate)  # not before its time
    now_due()
    send.send_next(gate)
    assert len(smtp_server.mails) == 1
    letter.refresh_from_db()
    assert (letter.status, letter.tries) == ("accepted", 2)


def test_the_more_often_in_vain_the_longer_the_wait_up_to_an_hour(letter, gate, smtp_server):
    Letter.objects.update(tries=20)
    smtp_server.script("RCPT", "450 4.2.0 Mailbox busy")
    send.send_next(gate)
    letter.refresh_from_db()
    assert letter.not_before - timezone.now() > timedelta(minutes=59)
    waits = [send.wait_after(tries) for tries in range(1, 1000)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)


def test_a_letter_is_given_up_after_a_day_visibly(letter, gate, smtp_server):
    Letter.objects.update(created_at=timezone.now() - timedelta(hours=25))
    smtp_server.script("RCPT", "450 4.2.0 Mailbox busy")
    send.send_next(gate)
    letter.refresh_from_db()
    assert letter.status == "rejected"
    assert letter.reason.startswith("Given up after a day:")


def test_a_letter_that_is_refused_for_good_is_not_tried_again(letter, gate, smtp_server):
    smtp_server.script("RCPT", "550 5.1.1 No such mailbox")
    send.send_next(gate)
    letter.refresh_from_db()
    assert letter.status == "rejected"
    assert not send.send_next(gate)


def test_an_answer_that_was_lost_is_unknown_and_not_repeated(letter, gate, smtp_server):
    smtp_server.script("DOT", "close")
    send.send_next(gate)
    letter.refresh_from_db()
    assert letter.status == "unknown"
    now_due()
    assert not send.send_next(gate)
    assert len(smtp_server.mails) == 1


def test_without_permission_nothing_is_claimed_and_alerts_pass_the_lock(letter, gate, outbox, editor):
    gate.shut = True
    assert not send.send_next(gate)
    letter.refresh_from_db()
    assert (letter.status, letter.tries) == ("pending", 0)
    writing.write_alert("alerts", editor, "1", **FACTS["alerts"])
    assert send.send_next(gate)
    assert [mail["Subject"].startswith("[page]") for mail in outbox()] == [True]


def test_alerts_go_first_and_by_their_own_server(letter, gate, outbox, smtp_server, configure, editor):
    configure(NEWSLETTER_TRANSPORT="outbox", ALERT_SMTP_URL=f"smtp://127.0.0.1:{smtp_server.port}")
    writing.write_alert("alerts", "night@meridian.example", "1", **FACTS["alerts"])
    send.send_next(gate)
    assert [mail.recipient for mail in smtp_server.mails] == ["night@meridian.example"]
    assert outbox() == []
    assert gate.asked == []  # the newsletter's limits are not the alerts'


def test_an_address_without_a_row_is_forgotten_when_the_letter_is_through(gate, outbox, newsletter, only_letter):
    written("visitor@example.org", newsletter)
    assert only_letter().address == "visitor@example.org"
    send.send_next(gate)
    assert len(outbox()) == 1
    assert only_letter().address == ""


def test_a_subscriber_is_named_by_their_row_and_not_mailed_once_erased(gate, outbox, newsletter, only_letter):
    reader = Subscriber.objects.create(email="bo@example.org", address_key="k")
    written(reader, newsletter)
    assert only_letter().address == ""
    Subscriber.objects.update(email=None)
    send.send_next(gate)
    assert outbox() == []
    assert (only_letter().status, only_letter().reason) == ("rejected", "The address was erased.")


def test_who_left_the_staff_is_not_mailed(letter, gate, outbox):
    Staff.objects.update(is_active=False)
    send.send_next(gate)
    letter.refresh_from_db()
    assert (letter.status, outbox()) == ("rejected", [])


def test_a_setting_that_is_missing_is_a_reason_to_wait_not_to_fail(letter, gate, configure):
    configure(NEWSLETTER_TRANSPORT="smtp")
    send.send_next(gate)
    letter.refresh_from_db()
    assert letter.status == "pending"
    assert letter.reason.startswith("The transport is smtp, but no mail server is named")
    assert letter.not_before


def test_a_letter_that_cannot_be_made_does_not_stop_those_behind_it(letter, gate, outbox, editor, newsletter):
    Letter.objects.update(payload={"from": "another version"})
    written(editor, newsletter, "twice")
    assert send.send_next(gate)
    assert send.send_next(gate)
    letter.refresh_from_db()
    # Whoever waits for it may still get it, once the fault is mended
    assert (letter.status, letter.reason[:17]) == ("pending", "It cannot be made")
    assert len(outbox()) == 1


def test_after_a_restored_backup_what_waits_is_in_doubt_and_alerts_are_not(letter, editor):
    writing.write_alert("alerts", editor, "1", **FACTS["alerts"])
    assert send.doubt() == 1
    assert list(Letter.objects.order_by("pk").values_list("status", flat=True)) == ["unknown", "pending"]


def test_a_letter_by_smtp_is_signed_as_an_edition_is(letter, gate, smtp_server, configure):
    key = {"DOMAIN": "meridian.example", "SELECTOR": "n1", "KEY": pem(private_key())}
    configure(**{f"NEWSLETTER_DKIM_{name}": value for name, value in key.items()})
    send.send_next(gate)
    (mail,) = smtp_server.mails
    assert mail.message.startswith(b"DKIM-Signature: ")
    assert b"d=meridian.example" in mail.message
