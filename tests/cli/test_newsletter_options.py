"""newsletter add | set | show: what every option takes, what it refuses, and what is asked first."""

import io
import sys
from datetime import timedelta

import pytest
import time_machine

from newsletter.cli.newsletters import add, set_
from newsletter.deliveries import plan, resolve, send
from newsletter.deliveries.models import Batch
from newsletter.errors import Exit
from newsletter.newsletters.models import AuditEntry, Newsletter, Staff
from newsletter.transports.base import Unknown
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.house import documents

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Keyboard(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("option", "text", "column", "value"),
    [
        ("--canary-share", "10", "canary_share", 0.1),
        ("--canary-share", "2.5 %", "canary_share", 0.025),
        ("--canary-share", "0", "canary_share", 0.0),
        ("--canary-minutes", "45", "canary_watch", timedelta(minutes=45)),
        ("--audience-cap", "2000", "audience_cap", 2000),
        ("--audience-growth", "1.5", "audience_growth", 1.5),
        ("--unknown-after-hours", "12", "unknown_after", timedelta(hours=12)),
        ("--min-items", "5", "min_items", 5),
        ("--thin-week", "skip", "thin_week", "skip"),
        ("--on-unknown", "hold", "on_unknown", "hold"),
        ("--archive", "unlisted", "archive", "unlisted"),
    ],
)
def test_an_option_sets_its_column(terminal, newsletter, option, text, column, value):
    assert terminal("set", newsletter.slug, option, text) == 0
    newsletter.refresh_from_db()
    assert getattr(newsletter, column) == pytest.approx(value) if isinstance(value, float) else value
    assert terminal("show", "--json") == 0
    assert column in terminal.object


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--canary-share", "51", "51 percent cannot be; use 0 to 50"),
        ("--canary-share", "-1", "use 0 to 50"),
        ("--canary-share", "nan", "use 0 to 50"),
        ("--canary-share", "half", "'half' is no number of percent"),
        ("--canary-minutes", "1441", "use 0 to 1,440"),
        ("--canary-minutes", "soon", "'soon' is no number of minutes"),
        ("--audience-cap", "0", "0 readers cannot be; use 1 to 100,000,000"),
        ("--audience-cap", "2e3", "'2e3' is no whole number of readers"),
        ("--audience-cap", "9" * 400, "use 1 to 100,000,000"),
        ("--audience-cap", "", "'' is no whole number of readers"),
        ("--audience-cap", "٣", "is no whole number of readers"),
        ("--audience-growth", "0.5", "use 1 to 100"),
        ("--audience-growth", "inf", "use 1 to 100"),
        ("--on-unknown", "resent", "'resent' is none of hold, resend, drop. Did you mean resend?"),
        ("--unknown-after-hours", "169", "use 0 to 168"),
        ("--min-items", "-1", "'-1' is no whole number of stories"),
        ("--min-items", "100", "use 0 to 99"),
        ("--thin-week", "cancel", "'cancel' is none of hold, send, skip"),
        ("--skip-date", "24.12.2026", "'24.12.2026' is no date"),
        ("--skip-date", "2026-02-30", "'2026-02-30' is no date"),
        ("--skip-date", "2026-11-22", "is past or more than a year away"),
        ("--skip-date", "2062-12-24", "is past or more than a year away"),
        ("--unskip-date", "2026-12-24", "is no skipped date of The Meridian"),
        ("--unskip-date", "x", "'x' is no date"),
    ],
)
@time_machine.travel("2026-11-23 12:00+00:00")
def test_a_wrong_value_is_refused_in_plain_words_and_nothing_changes(terminal, newsletter, option, text, said):
    before = Newsletter.objects.values().get()
    assert terminal("set", newsletter.slug, option, text) == Exit.USAGE
    assert said in terminal.err
    assert Newsletter.objects.values().get() == before


def test_the_ramp_is_lifted_by_none(terminal, newsletter):
    Newsletter.objects.update(audience_cap=2000)
    assert terminal("show") == 0
    assert "audience_cap 2000" in " ".join(terminal.out.split())
    assert terminal("set", newsletter.slug, "--audience-cap", "none") == 0
    assert Newsletter.objects.get().audience_cap is None
    assert terminal("show") == 0
    assert "audience_cap none" in " ".join(terminal.out.split())


@time_machine.travel("2026-11-23 12:00+00:00")
def test_dates_are_skipped_and_unskipped_and_past_ones_forgotten(terminal, newsletter):
    Newsletter.objects.update(skip_dates=["2025-12-25"])
    set_ = ("set", newsletter.slug)
    assert terminal(*set_, "--skip-date", "2026-12-31", "--skip-date", "2026-12-24", "--skip-date", "2026-12-24") == 0
    assert Newsletter.objects.get().skip_dates == ["2026-12-24", "2026-12-31"]
    assert terminal("show") == 0
    assert "2026-12-24, 2026-12-31" in terminal.out
    assert terminal(*set_, "--unskip-date", "2026-12-24", "--skip-date", "2027-01-07") == 0
    assert Newsletter.objects.get().skip_dates == ["2026-12-31", "2027-01-07"]


@time_machine.travel("2026-11-24 03:00+00:00")  # still the 23rd in New York
def test_today_is_the_newsletters_own(terminal, newsletter):
    assert terminal("set", newsletter.slug, "--skip-date", "2026-11-23") == 0


@time_machine.travel("2026-11-23 12:00+00:00")
def test_a_newsletter_is_added_with_all_of_them(terminal, db):
    given = (
        "--canary-share 0 --audience-cap 2000 --on-unknown drop --min-items 2 --thin-week send --skip-date 2026-12-24"
    )
    sender = ("--sender", "desk@m.example", "--postal-address", "1 Harbour Street")
    assert terminal("add", "The Meridian", *sender, *given.split()) == 0
    made = Newsletter.objects.get()
    assert (made.canary_share, made.audience_cap, made.on_unknown) == (0.0, 2000, "drop")
    assert (made.min_items, made.thin_week, made.skip_dates) == (2, "send", ["2026-12-24"])
    assert AuditEntry.objects.get(verb="add").detail["on_unknown"] == "drop"


def test_a_change_leaves_what_it_does_not_name(newsletter):
    # Given somebody who has the newsletter open while the ramp grows
    stale = Newsletter.objects.get()
    Newsletter.objects.update(audience_cap=4000)
    from newsletter.newsletters import setup

    setup.change(stale, {"tagline": "New"}, [], None)
    assert Newsletter.objects.get().audience_cap == 4000


@pytest.fixture
def lost(newsletter, edition):
    """Two copies of one edition are unknown, and one of another."""
    lose = MemoryTransport(batch_size=3, answer=lambda reader: Unknown(reader.delivery_id, "lost"))
    _send(lose)
    builders.add_readers(newsletter, 1, first=2)
    newsletter.subscriptions.filter(subscriber__email__startswith="reader0").update(status="unsubscribed")
    newsletter.subscriptions.filter(subscriber__email__startswith="reader1").update(status="unsubscribed")
    builders.make_article("Another")
    builders.scheduled_edition(newsletter, stories=0)
    _send(lose)


def _send(transport):
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    while send.send_next(transport):
        pass


@pytest.mark.parametrize(
    ("policy", "deed"),
    [
        ("resend", "With resend, unknown copies are sent again after 2 h, and some readers may get them twice."),
        ("drop", "With drop, unknown copies are given up after 2 h, and some readers may get none."),
    ],
)
def test_choosing_a_policy_counts_what_it_concerns_and_asks(terminal, newsletter, lost, policy, deed):
    assert terminal("--no-input", "set", newsletter.slug, "--on-unknown", policy) == Exit.REFUSED
    assert f"3 copies in 2 editions are unknown now. {deed} Choose it?" in terminal.err
    assert Newsletter.objects.get().on_unknown == "hold"


def test_a_yes_chooses_it_in_the_name_of_whoever_said_it(terminal, newsletter, lost, monkeypatch):
    admin = Staff.objects.create(email="ada@example.org", role="admin")
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    assert terminal("set", newsletter.slug, "--on-unknown", "resend", "--as", admin.email) == 0
    assert Newsletter.objects.get().on_unknown == "resend"
    entry = AuditEntry.objects.get(verb="set")
    assert (entry.staff, entry.detail["on_unknown"]) == (admin, "resend")


def test_what_the_policy_leaves_alone_is_not_counted(terminal, newsletter, lost):
    resolve.cancel(Batch.objects.earliest("pk").edition, None)
    Batch.objects.filter(edition=Batch.objects.latest("pk").edition).update(by_hand=True)
    assert terminal("set", newsletter.slug, "--on-unknown", "resend") == Exit.REFUSED
    assert "0 copies in 0 editions are unknown now" in terminal.err


def test_a_shorter_wait_is_asked_about_too_where_copies_are_not_held(terminal, newsletter):
    assert terminal("set", newsletter.slug, "--unknown-after-hours", "0.5") == 0
    Newsletter.objects.update(on_unknown="resend")
    assert terminal("set", newsletter.slug, "--unknown-after-hours", "0") == Exit.REFUSED
    assert "sent again after 0 h" in terminal.err


def test_going_back_to_hold_asks_nothing(terminal, newsletter, lost):
    Newsletter.objects.update(on_unknown="resend")
    assert terminal("--no-input", "set", newsletter.slug, "--on-unknown", "hold") == 0
    assert Newsletter.objects.get().on_unknown == "hold"


def test_the_readme_lists_every_option_of_a_newsletter():
    rows = documents.table("### A newsletter's own settings")
    listed = {row[0].strip("`") for row in rows}
    known = {option for command in (add, set_) for each in command.params for option in each.opts if option[0] == "-"}
    assert listed == known - {"--as", "--yes"}
