"""An edition's report: every loss explained, the same numbers in every form, and nothing that could run."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter import numbers
from newsletter.deliveries.models import Delivery
from newsletter.editions import approve, draft
from newsletter.editions.models import Edition
from newsletter.feeds.models import Article
from newsletter.subscribers import choices, consent
from newsletter.subscribers.models import Consent, Subscription, Suppression
from newsletter.tracking import report, report_forms
from newsletter.transports.base import Rejected
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import planned, sent
from tests.tracking.told import happens, told

__all__ = ["planned", "sent"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def send_one(newsletter, sent, transport=None):
    builders.make_article(f"Story {Article.objects.count()}")
    edition = draft.compose_special(newsletter).edition
    approve.approve(edition, None)
    return sent(approve.schedule(edition, timezone.now(), None), transport or MemoryTransport(batch_size=5))


@pytest.fixture
def edition(newsletter, sent):
    """Ten readers: one paused, one suppressed, one refused; the others' copies end in every way."""
    gets = builders.add_readers(newsletter, 10)
    Subscription.objects.filter(pk=gets[0].pk).update(status="paused")
    Suppression.objects.create(address_key=gets[1].subscriber.address_key, reason="manual")

    def refuse_one(reader):
        return Rejected(reader.delivery_id, "550 no") if reader.address.startswith("reader2@") else None

    class Picky(MemoryTransport):
        def hand_over(self, mailing, readers):
            outcomes = super().hand_over(mailing, readers)
            return [refuse_one(reader) or outcome for reader, outcome in zip(readers, outcomes, strict=True)]

    made = send_one(newsletter, sent, Picky(batch_size=5))
    copies = list(Delivery.objects.filter(edition=made, status="accepted").order_by("pk"))
    assert len(copies) == 7
    happens(
        told(copies[0], "delivered"),
        told(copies[1], "deferred"),
        told(copies[1], "delivered", minutes=5),
        told(copies[2], "bounce", "hard", status="5.1.1", words="=cmd|' /C calc'!A0 <script>alert(1)</script>"),
        told(copies[3], "bounce", "block", words="poor reputation"),
        told(copies[4], "dropped", "hard", words="Bounced Address"),
        told(copies[5], "complaint"),
    )
    return Edition.objects.select_related("newsletter").get(pk=made.pk)


def test_every_step_is_the_next_one_and_its_losses(edition):
    made = report.of(edition)
    counts = [(stage.name, stage.count) for stage in made.stages]
    assert counts == [("candidates", 10), ("planned", 8), ("accepted", 7), ("delivered", 3)]
    for stage, following in zip(made.stages, made.stages[1:], strict=False):
        assert stage.count == following.count + sum(row.count for row in stage.losses)
    losses = {row.name: row.count for stage in made.stages for row in stage.losses}
    assert losses == {
        "paused": 1,
        "suppressed: manual": 1,
        "rejected": 1,
        "bounced: hard": 1,
        "bounced: block": 1,
        "dropped: hard": 1,
        "no word yet": 1,
    }


def test_trouble_is_told_by_mailbox_provider_and_cause(edition):
    (other,) = report.of(edition).mailboxes
    assert (other.name, other.accepted, other.delivered, other.deferred) == ("others", 7, 3, 1)
    assert (other.bounced, other.blocked, other.causes) == (2, 1, {"hard": 1, "block": 1})


def test_a_copy_that_bounced_twice_counts_once(edition):
    copy = Delivery.objects.filter(status="bounced").order_by("pk").first()
    happens(told(copy, "bounce", "soft"))
    made = report.of(edition)
    losses = {row.name: row.count for row in made.stages[2].losses if row.name.startswith("bounced")}
    assert sum(losses.values()) == 2


def test_who_left_after_it_is_told_with_how_and_why(edition):
    gone = list(Subscription.objects.filter(status="active").order_by("pk")[:2])
    consent.unsubscribe(gone[0], Consent.Source.ONE_CLICK)
    consent.unsubscribe(gone[1], Consent.Source.PAGE)
    choices.tell_why(gone[1], "often", "once a month would do")
    made = report.of(edition)
    assert {row.name: row.count for row in made.unsubscribes} == {"one-click": 1, "page": 1, "provider": 1}
    assert {row.name: row.count for row in made.reasons} == {"often": 1, "no reason given": 2}


def test_it_stands_beside_the_editions_before(newsletter, sent, edition):
    Edition.objects.update(started_at=timezone.now() - timedelta(days=8))
    later = send_one(newsletter, sent)
    made = report.of(Edition.objects.select_related("newsletter").get(pk=later.pk))
    (before,) = made.before
    assert (before.edition, before.accepted, before.complained) == (edition.pk, 7, 1)
    assert numbers.percent(before.delivered) == "42.9 %"
    assert not made.listening


def test_no_form_of_it_can_run(edition):
    """S-22, T-09: what a server says is hostile."""
    made = report.of(edition)
    html = report_forms.as_html(made)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    cells = [row[1] for row in csv.reader(io.StringIO(report_forms.as_csv(made)))]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    json.dumps(made.as_json(), default=str)


def test_the_page_needs_nothing_else_and_its_charts_are_whole(edition):
    html = report_forms.as_html(report.of(edition))
    assert "http" not in html.replace("http://www.w3.org", "")
    way = html[html.index('<table class="bars"') : html.index("</table>")]
    bars = [ET.fromstring(chart)[0] for chart in re.findall(r"<svg.*?</svg>", way)]
    assert len(bars) == 4 + 7
    # A loss stands where it broke off: its end is the beginning of the one before, and what is left is the next step
    ends = [(float(bar.get("x")), float(bar.get("x")) + float(bar.get("width"))) for bar in bars]
    assert ends == [(0, 100), (90, 100), (80, 90), (0, 80), (70, 80), (0, 70), *ends[6:10], (0, 30)]
    assert ends[6:10] == [(60, 70), (50, 60), (40, 50), (30, 40)]


def test_the_terminal_form_fits_80_columns(edition):
    lines = list(report_forms.lines(report.of(edition)))
    assert max(map(len, lines)) <= 80
    assert any("█" in line for line in lines)


def test_it_reads_no_row_per_copy(edition):
    """The number of queries does not grow with readers, and the deliveries asked for are those in trouble."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        report.of(edition)
    assert len(queries) < 25
