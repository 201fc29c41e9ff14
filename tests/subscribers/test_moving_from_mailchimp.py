"""Moving from Mailchimp: the four files of an audience, and every one of their people accounted for."""

import itertools
from datetime import UTC, datetime

import pytest

from newsletter.subscribers import addresses, consent, importer
from newsletter.subscribers.files import proposal
from newsletter.subscribers.files.proposal import Wishes
from newsletter.subscribers.models import Consent, Import, Subscriber, Subscription, Suppression, TopicSet
from tests.subscribers import exports

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PEOPLE = {
    "subscribed": ["in@example.org", "nonsense", "in@example.org"],
    "unsubscribed": ["out@example.org"],
    "cleaned": ["bad@example.org"],
    "nonsubscribed": ["never@example.org"],
}
WISHES = Wishes(columns={"Interests": "topics"}, topics={"Sports": "Games"})


@pytest.fixture
def files(tmp_path):
    return exports.mailchimp(tmp_path, PEOPLE)


@pytest.fixture
def moved(newsletter):
    def move(files):
        reports = {}
        for file in files:
            found = proposal.propose(file, WISHES, ["Africa"])
            *_, reports[file.name.partition("_")[0]] = importer.take_in(found, newsletter, None)
        return reports

    return move


def test_theirs_are_ours_and_the_refused(moved, files):
    reports = moved(files)
    assert {name: dict(+report.counts) for name, report in reports.items()} == {
        "subscribed": {"added": 1},
        "unsubscribed": {"unsubscribed": 1},
        "cleaned": {"barred": 1},
        "nonsubscribed": {"never": 1},
    }
    assert all(report.adds_up for report in reports.values())
    assert dict(reports["subscribed"].reasons) == {"An email address must have an @-sign": 1, importer.TWICE: 1}
    assert dict(Subscription.objects.values_list("subscriber__email", "status")) == {
        "in@example.org": "active",
        "out@example.org": "unsubscribed",
    }
    suppressed = Suppression.objects.get()
    assert (suppressed.address_key, suppressed.reason) == (addresses.key("bad@example.org"), "hard_bounce")
    assert suppressed.created_at == datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert not Subscriber.objects.filter(email__in=["never@example.org", "bad@example.org"]).exists()


def test_opt_in_time_and_network_become_evidence(moved, files):
    moved(files)
    evidence = Consent.objects.get(status="active")
    assert (evidence.source, evidence.asked_at) == ("import", datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC))
    assert (evidence.asked_network, evidence.network) == ("203.0.113.0/24", "203.0.113.0/24")
    assert evidence.detail == "subscribed_email_audience_export_a1.csv; confirmed 2019-03-04 05:16 UTC"
    assert Subscription.objects.get(status="active").alive_at == datetime(2019, 3, 4, 5, 16, 7, tzinfo=UTC)
    gone = Subscription.objects.get(status="unsubscribed")
    assert (gone.topic_set, gone.subscriber.name) == ("", "")
    assert gone.unsubscribed_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_groups_become_topics(moved, files):
    moved(files)
    key = Subscription.objects.get(status="active").topic_set
    assert TopicSet.objects.get(key=key).topics == ["Africa", "Games"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_the_files_does_not_matter_even_when_they_contradict_each_other(moved, tmp_path, order):
    people = {
        "subscribed": ["in@example.org", "out@example.org", "bad@example.org"],
        "unsubscribed": ["out@example.org"],
        "cleaned": ["bad@example.org"],
        "nonsubscribed": ["in@example.org"],
    }
    files = exports.mailchimp(tmp_path, people)
    moved([files[0], *(files[1:][number] for number in order)])
    barred = set(Suppression.objects.values_list("address_key", flat=True))
    standing = Subscription.objects.exclude(subscriber__address_key__in=barred)
    assert dict(standing.values_list("subscriber__email", "status")) == {
        "in@example.org": "active",
        "out@example.org": "unsubscribed",
    }
    assert barred == {addresses.key("bad@example.org")}


def test_moving_twice_changes_nothing_and_nobody_is_revived(moved, files, newsletter):
    moved(files)
    consent.unsubscribe(Subscription.objects.get(status="active"), Consent.Source.PAGE)
    before = [model.objects.count() for model in (Subscriber, Subscription, Consent, Suppression)]
    reports = moved(files)
    assert {name: dict(+report.counts) for name, report in reports.items()} == {
        "subscribed": {"left": 1},
        "unsubscribed": {"left": 1},
        "cleaned": {"suppressed": 1},
        "nonsubscribed": {"never": 1},
    }
    assert [model.objects.count() for model in (Subscriber, Subscription, Consent, Suppression)] == before
    assert not Subscription.objects.filter(status="active").exists()
    assert Import.objects.exclude(finished_at=None).count() == 8


def test_whoever_leaves_there_while_both_run_leaves_here_too_by_a_second_export(moved, tmp_path):
    # Given a reader who was moved
    moved(exports.mailchimp(tmp_path, {"subscribed": ["in@example.org"]}))
    # When they leave Mailchimp, and the files are imported again a week later
    moved(exports.mailchimp(tmp_path, {"unsubscribed": ["in@example.org"]}))
    # Then they are gone here
    assert Subscription.objects.get().status == "unsubscribed"
    assert list(Consent.objects.order_by("id").values_list("status", flat=True)) == ["active", "unsubscribed"]


def test_whoever_signed_up_here_after_leaving_there_stays(moved, tmp_path, newsletter):
    consent.add("in@example.org", "Ada", newsletter, None, "")
    consent.remember(Subscription.objects.get(), "active", Consent.Source.SIGN_UP)
    reports = moved(exports.mailchimp(tmp_path, {"unsubscribed": ["in@example.org"], "cleaned": ["in@example.org"]}))
    assert reports["unsubscribed"].counts["present"] == reports["cleaned"].counts["present"] == 1
    assert Subscription.objects.get().status == "active"
    assert not Suppression.objects.exists()
