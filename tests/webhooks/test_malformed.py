"""40 bodies that are nothing SendGrid sends, each signed: no crash, no change, and every one is counted (T-16)."""

import json
import time

import pytest

from newsletter.deliveries.models import Delivery
from newsletter.subscribers.models import Suppression
from newsletter.tracking import apply, tally
from newsletter.tracking.models import Event
from tests.fakes.sendgrid_webhook import event
from tests.webhooks.conftest import args_of

pytestmark = pytest.mark.django_db
NOT_A_LIST = [
    b"", b" ", b"\r\n", b"null", b"true", b"7", b'"text"', b"{}", b'{"event": "bounce"}', b"[", b"]", b"[}", b"[{]}",
    b"[{'event': 'bounce'}]", b"<html>", b"event=bounce&email=a", b"\xff\xfe[\x00]\x00", b"\x00", b"[1] [2]",
    b"[" * 100_000, b'[{"event": "bounce", "timestamp": ' + b"9" * 5_000 + b"}]", b'[{"a": "\xf0\x28\x8c\x28"}]',
]  # fmt: skip
TIMES = [None, "soon", True, [], -1, 10**30, 0, "1e400"]
NO_EVENTS = [
    None, 7, "bounce", [], {}, {"event": ""}, {"event": None}, {"event": ["bounce"]}, {"event": {}},
    {"event": "bounce"}, *({"event": "bounce", "timestamp": at} for at in TIMES),
]  # fmt: skip


def test_there_are_40_of_them():
    assert len(NOT_A_LIST) + len(NO_EVENTS) == 40


@pytest.mark.parametrize("body", NOT_A_LIST, ids=range(len(NOT_A_LIST)))
def test_what_is_no_list_is_refused_and_counted(settings_of, deliver, body):
    before = tally.counts().get("webhook.malformed", 0)
    assert deliver(body) == 400
    assert tally.counts()["webhook.malformed"] == before + 1
    assert not Event.objects.exists()


@pytest.mark.parametrize("element", NO_EVENTS, ids=range(len(NO_EVENTS)))
def test_what_is_no_event_is_left_out_and_counted(settings_of, deliver, element):
    before = tally.counts().get("webhook.unreadable", 0)
    assert deliver(json.dumps([element]).encode()) == 200
    assert tally.counts()["webhook.unreadable"] == before + 1
    assert not Event.objects.exists()


def test_nonsense_spoils_no_event_beside_it(copies, deliver):
    good = event(args_of(copies[0]), "bounce", type="bounce", status="5.1.1", reason="\ud800\x00\x1b[2J <script>")
    assert deliver(json.dumps([None, good, {"event": 5}]).encode()) == 200
    assert apply.apply_waiting() == 1
    assert Delivery.objects.get(pk=copies[0].pk).reason == "hard bounce: 5.1.1 [2J <script>"


@pytest.mark.postgres
def test_hostile_fields_of_a_true_copy_change_no_more_than_they_say(copies, deliver):
    """S-22, S-41: every field as long, as deep and as odd as JSON allows."""
    odd = ["x" * 100_000, "\x00", "\ud800", [[]], {"a": {}}, 10**300, -1, True, None, "'; DROP TABLE x; --", "=1+1"]
    names = [
        "email",
        "reason",
        "response",
        "status",
        "type",
        "bounce_classification",
        "url",
        "attempt",
        "smtp-id",
        "tls",
    ]
    events = [
        {**event(args_of(copies[0]), "deferred"), "timestamp": int(time.time()) - at, name: value}
        for at, (name, value) in enumerate((name, value) for name in names for value in odd)
    ]
    assert deliver(json.dumps(events).encode()) == 200
    assert apply.apply_waiting() == len(events)
    assert Delivery.objects.get(pk=copies[0].pk).status == "accepted"
    assert not Suppression.objects.exists()
