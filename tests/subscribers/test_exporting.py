"""Readers as files: streamed, harmless in a spreadsheet (T-09), and read back by our own import as they were."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from newsletter.subscribers import addresses, choices, consent, exporter, importer, topics
from newsletter.subscribers.files.formulas import guarded, unguarded
from newsletter.subscribers.files.lines import join_topics, split_topics
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression
from tests import builders

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x", " =1", "＝1", "|calc", "%0A", "=cmd|' /C calc'!A0",
    "O'Brien", "Ada", 'a "b" c', "a;b,c", "é",
]  # fmt: skip


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_begins_as_a_formula_does(cell):
    assert guarded(cell).lstrip()[:1] not in tuple("=+-@＝＋－＠|%")
    assert unguarded(guarded(cell)) == cell


@given(st.text(alphabet="'=+-@ \tAé＝|%", max_size=8))
def test_the_mark_can_always_be_taken_back(cell):
    assert unguarded(guarded(cell)) == cell


@given(st.lists(st.text(alphabet="ab,;\\ éA", min_size=1).map(str.strip).filter(bool), max_size=4))
def test_topics_survive_whatever_they_are_called(chosen):
    assert split_topics(join_topics(chosen)) == chosen


def exported(newsletter, statuses=()):
    out = io.StringIO()
    exporter.write_csv(exporter.readers(newsletter, statuses), exporter.READERS, out)
    return out.getvalue()


def state(newsletter):
    rows = Subscription.objects.filter(newsletter=newsletter).order_by("subscriber__email")
    return list(
        rows.values_list(
            "subscriber__email", "subscriber__name", "status", "topic_set", "paused_until", "unsubscribed_at"
        )
    )


@pytest.mark.django_db
@pytest.mark.postgres
def test_an_export_is_read_back_as_it_was(newsletter, tmp_path, monkeypatch):
    # Given readers in every state, with names that a spreadsheet would run
    monkeypatch.setattr(exporter, "PAGE", 3)
    made = builders.add_readers(newsletter, 9)
    for reader, name in zip(made, [*HOSTILE[:3], *HOSTILE[6:10], "Ada", ""], strict=True):
        Subscriber.objects.filter(pk=reader.subscriber_id).update(name=name.strip())
    later = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    Subscription.objects.filter(pk=made[0].pk).update(topic_set=topics.key_of(["War, Peace", "=Asia"]))
    Subscription.objects.filter(pk=made[1].pk).update(status="paused", paused_until=later)
    Subscription.objects.filter(pk=made[4].pk).update(status="paused")  # staff's pauses have no end
    long_ago = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    Subscription.objects.filter(pk=made[2].pk).update(status="unsubscribed", unsubscribed_at=long_ago)
    Subscriber.objects.filter(pk=made[2].subscriber_id).update(name="")  # of who left an import keeps no name
    Subscriber.objects.filter(pk=made[3].subscriber_id).update(
        email="+plus@example.org", address_key=addresses.key("+plus@example.org")
    )
    Consent.objects.create(
        subscription=made[0], status="active", source="sign-up", asked_at=long_ago, asked_network="203.0.113.0/24"
    )
    before, file = state(newsletter), tmp_path / "ours.csv"
    file.write_text(exported(newsletter), newline="", encoding="utf-8-sig")
    # When they are exported, and imported into an empty house
    Subscriber.objects.all().delete()
    found = importer.proposals.propose(file, offered=["War, Peace", "=Asia"])
    *_, report = importer.take_in(found, newsletter, None)
    # Then all is as before, evidence included
    assert (report.refused, report.adds_up, found.source.name) == (0, True, "newsletter")
    assert state(newsletter) == before
    evidence = Consent.objects.get(subscription__subscriber__email="reader0@example.org")
    assert (evidence.asked_at, evidence.asked_network) == (long_ago, "203.0.113.0/24")


@pytest.mark.django_db
@pytest.mark.postgres
def test_what_a_reader_chose_later_does_not_hide_how_they_agreed(newsletter):
    # Given readers who agreed, one by the form, one there from where they were imported with a pause
    signed_up, imported = builders.add_readers(newsletter, 2)
    asked_at = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    evidence = {"asked_at": asked_at, "asked_network": "203.0.113.0/24"}
    consent.remember(signed_up, "active", Consent.Source.SIGN_UP, network="198.51.100.0/24", **evidence)
    consent.remember(imported, "paused", Consent.Source.IMPORT, **evidence)
    # When each chooses topics, pauses and comes back, leaves and takes it back, and moves
    for each in (signed_up, imported):
        now = timezone.now()
        choices.choose_topics(each, ["Africa"], now)
        choices.pause(each, 4, now)
        choices.pause(each, 0, now)
        consent.unsubscribe(each, Consent.Source.PAGE)
        each.refresh_from_db()
        assert choices.undo(each, timezone.now())
        consent.remember(each, "active", Consent.Source.PAGE, detail="moved to another address")
    # Then the file still says when and from where
    first, second = csv.DictReader(io.StringIO(exported(newsletter)))
    assert (first["opted_in_at"], first["opted_in_network"]) == (asked_at.isoformat(), "203.0.113.0/24")
    assert first["confirmed_at"]
    assert first["confirmed_network"] == "198.51.100.0/24"
    assert (second["opted_in_at"], second["opted_in_network"]) == (asked_at.isoformat(), "203.0.113.0/24")


@pytest.mark.django_db
def test_only_the_wanted_statuses_are_exported_and_nobody_who_was_erased(newsletter):
    builders.add_readers(newsletter, 2)
    builders.add_readers(newsletter, 1, status="unsubscribed", first=5)
    Subscriber.objects.filter(email="reader1@example.org").update(email=None)
    rows = list(csv.DictReader(io.StringIO(exported(newsletter, ["active"]))))
    assert [row["email"] for row in rows] == ["reader0@example.org"]


@pytest.mark.django_db
def test_json_lines_say_things_as_they_are(newsletter):
    builders.add_readers(newsletter, 1)
    Subscriber.objects.update(name="=1+1")
    out = io.StringIO()
    assert exporter.write_json(exporter.readers(newsletter), out) == 1
    assert json.loads(out.getvalue())["name"] == "=1+1"


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_suppression_list_goes_out_and_comes_back(newsletter, tmp_path):
    # Given suppressions, of a reader and of nobody known
    builders.add_readers(newsletter, 1)
    when = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    for address, reason in (("reader0@example.org", "complaint"), ("gone@example.org", "erased")):
        Suppression.objects.create(address_key=addresses.key(address), reason=reason)
    Suppression.objects.update(created_at=when)
    out = io.StringIO()
    assert exporter.write_csv(exporter.suppressions(), exporter.SUPPRESSIONS, out) == 2
    before = set(Suppression.objects.values_list("address_key", "reason", "created_at"))
    file = tmp_path / "list.csv"
    file.write_text(out.getvalue(), newline="")
    # When the list is imported into another house with the same key
    Suppression.objects.all().delete()
    *_, report = importer.take_in(importer.proposals.propose(file), None, None)
    # Then it is as it was
    assert (report.counts["barred"], report.refused) == (2, 0)
    assert set(Suppression.objects.values_list("address_key", "reason", "created_at")) == before


@pytest.mark.django_db
def test_a_suppression_list_subscribes_nobody(tmp_path):
    file = tmp_path / "list.csv"
    header = ",".join(exporter.SUPPRESSIONS)
    file.write_text(f"{header}\n,ada@example.org,active,,\n{'0' * 32},,complaint,,\nxyz,,complaint,,\n")
    *_, report = importer.take_in(importer.proposals.propose(file), None, None)
    assert dict(+report.counts) == {"barred": 1}
    assert [each.line for each in report.shown] == [2, 4]
    assert not Subscriber.objects.exists()
