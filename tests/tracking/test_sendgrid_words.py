"""SendGrid's words as ours: every event type, and the variants that its pages do not promise."""

import time

import pytest

from newsletter.tracking import sendgrid_events
from newsletter.tracking.sendgrid_events import event_of

NOW = int(time.time())
REFERENCE = "0123456789abcdef.42"
OURS = {"nl_delivery": REFERENCE, "nl_batch": "fedcba9876543210", "nl_attempt": "2", "timestamp": NOW}


def said(event, **more):
    return event_of({**OURS, "event": event, **more})


@pytest.mark.parametrize(
    ("words", "kind", "cause"),
    [
        ({"event": "processed"}, "accepted", ""),
        ({"event": "deferred", "response": "450 4.2.1 try again", "attempt": "5"}, "deferred", ""),
        ({"event": "delivered", "response": "250 OK", "tls": 1}, "delivered", ""),
        ({"event": "open", "sg_machine_open": True}, "open", ""),
        ({"event": "click", "url": "https://example.org", "url_offset": {"index": 0, "type": "html"}}, "click", ""),
        ({"event": "spamreport"}, "complaint", ""),
        ({"event": "unsubscribe"}, "unsubscribe", "everything"),
        ({"event": "group_unsubscribe", "asm_group_id": 10}, "unsubscribe", ""),
        ({"event": "group_resubscribe", "asm_group_id": 10}, "other", ""),
        ({"event": "account_status_change", "type": "compliance_suspend"}, "other", ""),
        ({"event": "what-comes-next-year"}, "other", ""),
        ({"event": "dropped", "reason": "Bounced Address"}, "dropped", "hard"),
        ({"event": "dropped", "reason": "Invalid"}, "dropped", "hard"),
        ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, "dropped", "block"),
        ({"event": "dropped", "reason": "Spam Content (if Spam Checker app is enabled)"}, "dropped", "block"),
        ({"event": "dropped", "reason": "Recipient List over Package Quota"}, "dropped", "block"),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "dropped", "unsubscribe"),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, "dropped", "complaint"),
        ({"event": "dropped", "reason": "", "email": ""}, "dropped", ""),
    ],
)
def test_every_type_and_variant_has_its_meaning(words, kind, cause):
    event = event_of({**OURS, **words})
    assert (event.kind, event.cause) == (kind, cause)
    assert (event.edition, event.delivery_id, event.batch) == ("0123456789abcdef", 42, "fedcba9876543210")


@pytest.mark.parametrize(
    ("type_", "classification", "status", "cause"),
    [
        ("bounce", "Invalid Address", "5.1.1", "hard"),
        ("bounce", "Invalid Address", "", "hard"),
        ("bounce", "", "5.1.1", "hard"),
        ("bounce", "", "5.1.10", "hard"),
        ("bounce", "", "5.4.4", "hard"),
        ("bounce", "", "", "hard"),
        ("bounce", "Unclassified", "5.0.0", "hard"),
        ("bounce", "Mailbox Unavailable", "5.2.2", "soft"),
        ("bounce", "Technical", "", "soft"),
        ("bounce", "Technical Failure", "", "soft"),
        ("bounce", "technical", "", "soft"),
        ("bounce", "Content", "5.7.1", "block"),
        ("bounce", "", "5.7.26", "block"),
        ("blocked", "Reputation", "", "block"),
        ("blocked", "Frequency or Volume Too High", "4.7.0", "block"),
        ("blocked", "Unclassified", "", "block"),
        ("blocked", "Mailbox Unavailable", "", "soft"),
        ("blocked", "Invalid Address", "5.1.1", "soft"),
        ("", "", "", "soft"),
        ("", "Invalid Address", "", "hard"),
    ],
)
def test_blocked_is_never_dead_and_a_missing_field_never_kills(type_, classification, status, cause):
    fields = {"type": type_, "bounce_classification": classification, "status": status}
    assert said("bounce", **{name: value for name, value in fields.items() if value}).cause == cause


def test_a_missing_status_is_read_from_the_reason():
    event = said("bounce", type="bounce", reason="550 5.1.1 The email account that you tried to reach does not exist")
    assert (event.cause, event.status) == ("hard", "5.1.1")
    assert said("bounce", type="bounce", reason="552 5.2.2 over quota").cause == "soft"
    assert said("blocked", reason="an old form of it").cause == "block"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("550 the mailbox of ann is full", "soft"),
        ("452 out of storage, mailbox over quota", "soft"),
        ("554 message rejected: looks like spam", "block"),
        ("550 client host blocked using dnsbl.example", "block"),
        ("550 no such user here", "hard"),
        ("550 ei ole", "hard"),
        ("", "hard"),
    ],
)
def test_where_neither_class_nor_code_says_why_the_servers_words_do(reason, cause):
    for more in ({}, {"bounce_classification": "Unclassified"}, {"status": "5.0.0"}):
        assert said("bounce", type="bounce", reason=reason, **more).cause == cause


@pytest.mark.parametrize("category", ["cat", ["cat", "dog"], [], None, 7])
def test_a_category_may_be_a_text_or_a_list(category):
    assert said("delivered", category=category).kind == "delivered"


@pytest.mark.parametrize("form", [int, str, float])
def test_a_timestamp_may_be_a_number_or_a_text(form):
    assert int(said("delivered", timestamp=form(NOW)).at.timestamp()) == NOW


def test_an_event_that_comes_under_another_id_is_the_same_event():
    one = said("delivered", sg_event_id="a", sg_message_id="x.filter1", tls=0)
    other = said("delivered", sg_event_id="b", sg_message_id="x.filter2", tls=1, response="250 2.0.0 OK")
    assert one.key == other.key


@pytest.mark.parametrize(
    "more",
    [
        {"event": "open"},
        {"timestamp": NOW - 1},
        {"attempt": "2"},
        {"nl_attempt": "3"},
        {"nl_delivery": f"{REFERENCE}3"},
    ],
)
def test_what_differs_in_what_happened_is_another_event(more):
    assert said("deferred").key != event_of({**OURS, "event": "deferred", **more}).key


def test_a_machine_that_opens_is_told_apart_only_where_sendgrid_says_so():
    assert said("open", sg_machine_open=True).machine == "sg_machine_open"
    assert [said("open").machine, said("open", sg_machine_open="no").machine] == ["", ""]


@pytest.mark.parametrize("field", ["nl_delivery", "nl_batch", "nl_attempt"])
@pytest.mark.parametrize("value", ["", "x", None, 7, [], {}, "0123456789ABCDEF.42", "\ud800"])
def test_a_reference_that_is_not_ours_is_none(field, value):
    event = said("delivered", **{field: value})
    parts = {"nl_delivery": event.edition, "nl_batch": event.batch, "nl_attempt": event.request}
    assert parts[field] in ("", "7")


def test_a_list_of_too_many_is_refused_whole():
    with pytest.raises(sendgrid_events.MalformedError, match="10,000"):
        sendgrid_events.read(b"[" + b"0," * 10_000 + b"0]")
