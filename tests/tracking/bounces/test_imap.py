"""Reading a mailbox by IMAP: a real conversation on loopback, once for each message, by one worker at a time."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from newsletter import config
from newsletter.errors import ConfigError, Unreachable
from newsletter.subscribers import by_mail
from newsletter.tracking import imap, postbox, returned, watchdog
from newsletter.tracking.models import Event, Postbox, ReturnedMail
from tests.fakes.certificates import self_signed
from tests.fakes.imap import ImapServer
from tests.tracking.bounces import others, shapes
from tests.tracking.bounces.conftest import about, counted_as, everything
from workers import tasks
from workers.schedule import beat_table

pytestmark = pytest.mark.django_db
UNKNOWN = shapes.postfix("550 5.1.1 User unknown", "5.1.1")


@pytest.fixture
def server(copies, setting):
    with ImapServer() as running:
        setting(BOUNCE_MAILBOX_URL=running.url)
        yield running


def test_what_is_new_is_read_once_and_marked_and_replies_stay_unread(server, copies):
    bounce = server.put(about(copies[0], UNKNOWN))
    forged = server.put(UNKNOWN.encode())
    reply = server.put(about(copies[0], others.NOTHING["a reply"]))
    assert postbox.look() == 3
    assert everything()["suppressed"] == ["hard_bounce"]
    assert [server.mails[uid].flags for uid in (bounce, forged, reply)] == [{"\\Seen"}, {"\\Flagged"}, set()]
    # And the next look asks for nothing but what came since
    server.put(about(copies[1], UNKNOWN))
    server.asked.clear()
    assert postbox.look() == 1
    assert [asked for asked in server.asked if "FETCH" in asked] == ["UID FETCH 4 (UID BODY.PEEK[]<0.1048576>)"]


def test_the_beats_own_task_takes_a_bounce_from_the_mailbox_to_the_reader(server, copies):
    # Given the task as the beat table names it
    named = beat_table(config.current())["mailbox"]["task"]
    server.put(about(copies[0], UNKNOWN))
    # When it is rung
    getattr(tasks, named.removeprefix("workers.tasks.")).apply(throw=True)
    # Then the copy is bounced and its reader is not mailed again
    found = everything()
    assert (counted_as(found)[0], found["suppressed"]) == ("bounced", ["hard_bounce"])


def test_a_look_that_succeeds_lets_copies_offer_leaving_by_mail(server):
    assert by_mail.address_with_slot(timezone.now()) == ""
    postbox.look()
    assert by_mail.address_with_slot(timezone.now())


def test_a_mailbox_that_is_numbered_anew_is_read_from_the_start_and_nothing_counts_twice(server, copies):
    server.put(about(copies[0], UNKNOWN))
    postbox.look()
    server.uid_validity += 1
    server.put(about(copies[1], UNKNOWN))
    assert postbox.look() == 2
    assert Event.objects.count() == 2


def test_two_workers_do_not_read_it_at_once_and_a_dead_ones_lease_ends(server, copies):
    server.put(about(copies[0], UNKNOWN))
    Postbox.objects.create(pk=1, place="", lease_until=timezone.now() + timedelta(minutes=1))
    assert postbox.look() == 0
    assert server.asked == []
    Postbox.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert postbox.look() == 1


def test_a_worker_that_dies_amid_them_repeats_none(server, copies, monkeypatch):
    for copy in copies:
        server.put(about(copy, UNKNOWN))
    take, taken = returned.take, []

    def dies(content):
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(take(content))
        return taken[-1]

    monkeypatch.setattr(returned, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        postbox.look()
    monkeypatch.setattr(returned, "take", take)
    Postbox.objects.update(lease_until=None)
    server.asked.clear()
    assert postbox.look() == 2
    assert [asked.split()[2] for asked in server.asked if "FETCH" in asked] == ["3", "4"]
    assert Event.objects.count() == 4


@pytest.mark.parametrize("broken", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"])
def test_a_server_that_hangs_up_is_told_of_and_tried_again(server, copies, broken):
    server.put(about(copies[0], UNKNOWN))
    server.broken = broken
    assert postbox.look() == 0
    assert Postbox.objects.get().fault.startswith("The bounce mailbox cannot be read")
    server.broken = ""
    postbox.look()
    assert Postbox.objects.get().fault == ""
    assert everything()["suppressed"] == ["hard_bounce"]


def test_a_password_that_is_wrong_is_never_repeated(server, setting):
    setting(BOUNCE_MAILBOX_URL=server.url.replace("secret", "hunter2"))
    postbox.look()
    fault = Postbox.objects.get().fault
    assert "wrong user or password" in fault
    assert "hunter2" not in fault


def test_tls_is_verified(copies, tmp_path):
    certificate, key = self_signed(tmp_path)
    with ImapServer(tls=(certificate, key)) as server:
        place = imap.place_from(server.url)
        with pytest.raises(Unreachable, match="certificate"), imap.opened(place):
            pass
        trust = imap.default_trust()
        assert trust.check_hostname
        assert server.asked == []  # the password was not sent


def test_a_trusted_certificate_opens_it(copies, tmp_path):
    import ssl

    certificate, key = self_signed(tmp_path)
    with ImapServer(tls=(certificate, key)) as server:
        server.put(b"From: a@b.example\n\nhello\n")
        with imap.opened(imap.place_from(server.url), ssl.create_default_context(cafile=str(certificate))) as mailbox:
            assert mailbox.uids(0) == [1]
            assert mailbox.content(1) == b"From: a@b.example\n\nhello\n"
            assert mailbox.content(9) is None


@pytest.mark.parametrize("url", ["imaps://host/INBOX", "imaps://u@host", "pop3://u:p@host", "imaps://u:p@/x"])
def test_what_is_no_mailbox_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError) as refused:
        imap.place_from(url)
    assert "u:p" not in str(refused.value)


def test_the_watchdog_tells_of_a_mailbox_that_stays_unread_and_of_quarantine(server, copies):
    server.put(UNKNOWN.encode())
    postbox.look()
    Postbox.objects.update(fault="no route", failing_since=timezone.now() - timedelta(hours=2))
    found = {finding.key for finding in watchdog.look()}
    assert {"bounces-unread", "bounces-quarantined"} <= found
    returned.dismiss()
    assert "bounces-quarantined" not in {finding.key for finding in watchdog.look()}
    assert ReturnedMail.objects.get().head is None
