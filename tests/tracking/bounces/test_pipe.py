"""A mail server delivers into `newsletter bounce pipe`: 0 when it is stored, 75 when it has to come again."""

import io
import sys

import pytest
from django.db import OperationalError

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.subscribers import by_mail
from newsletter.tracking import store
from newsletter.tracking.models import Event, ReturnedMail
from tests.tracking.bounces import malformed, shapes
from tests.tracking.bounces.conftest import about, everything, seal

pytestmark = pytest.mark.django_db
UNKNOWN = shapes.postfix("550 5.1.1 User unknown", "5.1.1")


@pytest.fixture
def piped(monkeypatch):
    def pipe(mail, *recipients):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail)))
        return run(main_group, ["bounce", "pipe", *recipients])

    return pipe


def test_a_bounce_is_stored_and_the_sender_is_told_that_it_is(copies, piped):
    assert piped(about(copies[0], UNKNOWN)) == 0
    assert everything()["suppressed"] == ["hard_bounce"]


def test_the_envelopes_recipient_says_whose_copy_it_is(copies, piped):
    assert piped(UNKNOWN.replace(shapes.US, "someone@else.example").encode(), seal(copies[0])) == 0
    assert Event.objects.get().delivery_id == copies[0].pk


def test_a_database_that_is_away_asks_for_the_mail_again_and_keeps_nothing(copies, piped, monkeypatch):
    def away(_events):
        raise OperationalError("no route")

    monkeypatch.setattr(store, "keep", away)
    assert piped(about(copies[0], UNKNOWN)) == 75
    assert not ReturnedMail.objects.exists()


def test_neither_a_broken_setting_nor_a_fault_of_ours_loses_the_mail(copies, piped, setting, monkeypatch, tmp_path):
    """A mail server takes any code but 75 for the end of the mail."""
    mail = about(copies[0], UNKNOWN)
    with monkeypatch.context() as patch:
        patch.setattr(store, "keep", lambda _events: 1 / 0)
        assert piped(mail) == 75
    (tmp_path / "newsletter.toml").write_text("nonsense = 1\n")
    setting(NEWSLETTER_CONFIG=str(tmp_path / "newsletter.toml"))
    assert piped(mail) == 75
    assert not ReturnedMail.objects.exists()


def test_an_address_may_begin_with_a_hyphen(copies, piped):
    assert piped(UNKNOWN.encode(), "-h@news.example", "--x@news.example", seal(copies[0])) == 0
    assert Event.objects.get().delivery_id == copies[0].pk


def test_a_poison_is_taken_once_and_not_asked_for_again(copies, piped):
    before = everything()
    for name in ("parts in parts, 10,000 deep", "every byte", "nothing"):
        assert piped(malformed.MAILS[name]) == 0
    assert everything() == before


def test_what_came_through_is_a_sign_that_somebody_reads(copies, piped):
    from django.utils import timezone

    assert by_mail.address_with_slot(timezone.now()) == ""
    piped(about(copies[0], UNKNOWN))
    assert by_mail.address_with_slot(timezone.now()).startswith("bounces+leave.")
