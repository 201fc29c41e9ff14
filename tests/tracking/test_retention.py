"""What is old is forgotten, and every report keeps its numbers (T-23)."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.deliveries import epoch, resolve, status
from newsletter.deliveries.models import Batch, Delivery, Totals
from newsletter.editions import draft
from newsletter.editions.models import Edition
from newsletter.errors import Refused
from newsletter.letters.models import Letter
from newsletter.newsletters.models import DeskSession, LoginTry
from newsletter.subscribers import uploads
from newsletter.subscribers.models import Subscriber
from newsletter.tracking import reading, report, retention, why
from newsletter.tracking.models import Alert, Clerk, Click, Event, ReturnedMail
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.tracking.conftest import ago
from tests.tracking.test_report import edition, send_one
from tests.tracking.told import happens, told

__all__ = ["edition", "planned", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LATER = timedelta(days=800)
"""More than 24 months."""


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    monkeypatch.setattr(retention, "SLICE", 4)


@pytest.fixture(autouse=True)
def uploaded(monkeypatch, tmp_path):
    """Where uploads lie: none of another test's."""
    monkeypatch.setattr(uploads, "folder", lambda: tmp_path)
    return tmp_path


def fresh(edition):
    return Edition.objects.select_related("newsletter").get(pk=edition.pk)


def figures(edition):
    """The whole report, and the audit; what servers said, by its sum."""
    made = report.of(fresh(edition))
    return replace(made, words=()), sum(row.count for row in made.words), audited(edition)


def audited(edition):
    return status.audit(fresh(edition)).as_json()


def night(now):
    """In the night of that day, where the newsletter is."""
    return now.replace(hour=7, minute=0)  # 02:00 or 03:00 in New York


def everything_goes(now):
    return list(retention.keep_all(now))


def test_a_report_says_the_same_before_and_after_and_in_the_middle(edition):
    """The copies go in slices; whoever asks between two of them gets the same numbers."""
    now, before = timezone.now() + LATER, figures(edition)
    slices = []
    for name, rows in retention.keep_all(now):
        slices.append((name, rows))
        assert figures(edition) == before
    assert slices == [("copies", 4), ("copies", 4), ("copies", 2)]
    assert not Delivery.objects.exists()
    assert not Event.objects.exists()
    assert audited(edition)["balanced"]
    assert Totals.objects.get().gone_at is not None
    assert everything_goes(now) == []


def test_a_servers_words_about_one_reader_alone_are_not_kept(edition, newsletter, sent):
    copies = Delivery.objects.filter(edition=edition, status__in=["accepted", "delivered"])
    happens(*(told(copy, "bounce", "soft", words="mailbox full") for copy in copies))
    before = {row.name: row.count for row in report.of(fresh(edition)).words}
    everything_goes(timezone.now() + LATER)
    after = {row.name: row.count for row in report.of(fresh(edition)).words}
    shared = {name: n for name, n in before.items() if n > 1}
    assert shared
    assert after == {**shared, "other reasons": sum(before.values()) - sum(shared.values())}
    assert "calc" not in json.dumps(Totals.objects.get().copies)


def test_what_is_young_or_open_stays(edition):
    two_years_less_a_week = edition.started_at + timedelta(days=723)
    everything_goes(two_years_less_a_week)
    assert Delivery.objects.filter(edition=edition).count() == 10
    Batch.objects.filter(pk=edition.batches.first().pk).update(unknown=1)
    assert everything_goes(timezone.now() + LATER) == []


def test_who_asks_for_a_copy_that_is_gone_is_told_so(edition):
    reader = Delivery.objects.filter(edition=edition, status="rejected").get().subscriber
    everything_goes(timezone.now() + LATER)
    old = fresh(edition)
    (answer,) = why.answers(Subscriber.objects.get(pk=reader.pk), old)
    assert "no longer kept" in answer.reason
    with pytest.raises(Refused, match="only totals"):
        resolve.retry(old, None)
    with pytest.raises(Refused, match="reach nobody"):
        draft.start_correction(old, "Wrong", "It was wrong.")


def test_a_report_that_comes_while_copies_go_changes_no_total(edition):
    gone = retention.keep_all(timezone.now() + LATER)
    next(gone)
    before = figures(edition)
    happens(told(Delivery.objects.filter(edition=edition, status__in=["accepted", "delivered"]).first(), "complaint"))
    assert figures(edition) == before
    assert Event.objects.filter(state="parked").count() == 1


def test_clicks_become_totals_and_read_the_same(newsletter, sent):
    newsletter.links = "counted"
    newsletter.save()
    made = send_one(newsletter, sent)
    item = made.items.first().pk
    for kind, machine in [("click", ""), ("click", ""), ("click", "quick"), ("open", ""), ("click", "")]:
        Click.objects.create(
            edition=made,
            item=item if kind == "click" else 0,
            kind=kind,
            machine=machine,
            at=timezone.now(),
            judged=True,
        )
    before = reading.of(fresh(made))
    assert (before.clicks.human, before.clicks.raw, before.machines) == (3, 4, {"quick": 1})
    for name, _ in retention.keep_all(timezone.now() + timedelta(days=400)):
        assert name == "clicks"
        assert reading.of(fresh(made)) == before
    assert not Click.objects.exists()


def _rows(at):
    """One of each kind that is simply deleted, of a moment."""
    ReturnedMail.objects.create(digest=f"q{at}", outcome="quarantined", read_at=at, head=b"From: somebody")
    ReturnedMail.objects.create(digest=f"c{at}", outcome="counted", read_at=at)
    Letter.objects.create(kind="alert", dedupe_key=f"{at}", status="accepted", finished_at=at)
    Alert.objects.create(key="held:1", level="page", words="", command="", raised_at=at, ended_at=at)
    LoginTry.objects.create(account="a", at=at)
    DeskSession.objects.create(session_key=f"{at}", expire_date=at)
    for state, name in (("parked", "1"), ("applied", "2")):
        Event.objects.create(
            key=f"{at.day:02}{at.year}{name * 26}", kind="complaint", state=state, at=at, received_at=at
        )


def test_each_kind_goes_at_its_own_age(db):
    now = builders.at("2026-11-27 12:00")
    _rows(now - timedelta(days=1))
    _rows(now - timedelta(days=800))
    gone = dict(retention.keep_all(now))
    one_each = ["reports", "parked", "quarantined", "returned", "bounces", "letters", "alerts", "logins"]
    assert gone == {**dict.fromkeys(one_each, 1), "sessions": 2}
    assert ReturnedMail.objects.filter(head__isnull=False).count() == 1
    assert Letter.objects.count() == Alert.objects.count() == LoginTry.objects.count() == 1


def test_a_file_of_readers_that_nobody_imported_goes_in_the_night_after_a_day(db, uploaded):
    now = timezone.now()
    for name in ("today", "yesterday"):
        (uploaded / name).write_text("email\nada@example.org\n")
    os.utime(uploaded / "yesterday", times=((now - timedelta(hours=25)).timestamp(),) * 2)
    assert [(each.name, each.count) for each in retention.due(now) if each.count] == [("uploads", 1)]
    assert dict(retention.keep_all(now)) == {"uploads": 1}
    assert [each.name for each in uploaded.iterdir()] == ["today"]


def test_the_night_goes_slice_by_slice_and_once(edition):
    now = night(timezone.now() + LATER)
    left = [Delivery.objects.count()]
    while retention.keep_next(now):
        left.append(Delivery.objects.count())
    assert left == [10, 6, 2, 0]
    assert Clerk.objects.get(name=retention.JOB).found == {"copies": 10, "through": True}
    Clerk.objects.update(ran_at=now)
    assert not retention.keep_next(now + timedelta(hours=19))


def test_a_rule_that_is_through_is_not_asked_again_in_the_same_night(monkeypatch):
    asked, left = [], {"first": 1, "second": 2}

    def rule(name):
        def take(_before, _most):
            asked.append(name)
            left[name] -= (done := min(1, left[name]))
            return done

        return replace(retention.RULES[0], name=name, take=take)

    monkeypatch.setattr(retention, "RULES", (rule("first"), rule("second")))
    now = night(timezone.now())
    while retention.keep_next(now):
        pass
    assert asked == ["first", "first", "second", "second", "second"]
    assert Clerk.objects.get(name=retention.JOB).found == {"first": 1, "second": 2, "through": True}


def test_nothing_is_deleted_by_day_while_an_edition_goes_out_or_when_locked(edition, monkeypatch):
    now = night(timezone.now() + LATER)
    Clerk.objects.create(name=retention.JOB, ran_at=now - timedelta(hours=30))
    assert not retention.keep_next(now.replace(hour=16))
    Edition.objects.filter(pk=edition.pk).update(status="sending")
    assert not retention.keep_next(now)
    Edition.objects.filter(pk=edition.pk).update(status="sent")
    monkeypatch.setattr(epoch, "fault", lambda: "It is older than what was sent from it.")
    assert not retention.keep_next(now)
    with pytest.raises(Refused, match="locked"):
        everything_goes(now)
    assert Delivery.objects.count() == 10


def test_the_command_counts_first_and_asks(edition, capsys):
    Edition.objects.filter(pk=edition.pk).update(started_at=ago(days=800))
    assert run(main_group, ["retention", "--dry-run", "--json"]) == 0
    rules = {rule["name"]: rule for rule in json.loads(capsys.readouterr().out)["rules"]}
    assert (rules["copies"]["count"], rules["copies"]["kept"]) == (10, "24 months")
    assert run(main_group, ["retention"]) == 5
    assert "Delete 10 rows" in capsys.readouterr().err
    assert Delivery.objects.count() == 10
    assert run(main_group, ["retention", "--yes"]) == 0
    assert not Delivery.objects.exists()
    assert run(main_group, ["delivery", "list", "--edition", str(edition.pk)]) == 0
    assert "no longer kept" in capsys.readouterr().err
