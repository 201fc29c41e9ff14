"""What each refusal does (F-11, F-15, I12).

A 400 isolates one reader, our own faults stop the edition, and a pause is kept.
"""

import json
import math
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from newsletter.errors import ConfigError
from newsletter.transports.base import Accepted, Rejected, Unknown
from newsletter.transports.sendgrid_answers import refusal_in
from newsletter.transports.sendgrid_client import Answer, client_for
from tests.transports.conftest import transport_to
from tests.transports.mailing import SmallMailing, readers


def refused(outcomes):
    return [outcome.delivery_id for outcome in outcomes if isinstance(outcome, Rejected)]


def mailed(server):
    return sorted(copy.address for copy in server.copies)


def error_body(field, message="no"):
    return "body:" + json.dumps({"errors": [{"field": field, "message": message}]})


def test_a_400_that_names_a_reader_rejects_exactly_that_reader(sendgrid, transport):
    sendgrid.refused_addresses = {"reader7@example.org"}
    outcomes = transport.hand_over(SmallMailing(), readers(20))

    assert refused(outcomes) == [7]
    assert outcomes[6].permanent
    assert "valid address" in outcomes[6].reason
    # The others were offered once more, at once, and mailed once each
    assert sendgrid.requests == [20, 19]
    assert len(mailed(sendgrid)) == len(set(mailed(sendgrid))) == 19


def test_several_readers_that_are_named_together_take_one_more_request(sendgrid, transport):
    sendgrid.refused_addresses = {"reader1@example.org", "reader9@example.org", "reader20@example.org"}
    outcomes = transport.hand_over(SmallMailing(), readers(20))
    assert refused(outcomes) == [1, 9, 20]
    assert sendgrid.requests == [20, 17]


@pytest.mark.parametrize("count", [2, 3, 20, 500])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_400_that_names_nobody_is_narrowed_down_to_one_reader(sendgrid, transport, count, place):
    bad = {"first": 1, "middle": count // 2 + 1, "last": count}[place]
    sendgrid.silently_refused = {f"reader{bad}@example.org"}
    outcomes = transport.hand_over(SmallMailing(), readers(count))

    assert refused(outcomes) == [bad]
    assert outcomes[bad - 1].permanent
    assert len(mailed(sendgrid)) == len(set(mailed(sendgrid))) == count - 1
    assert len(sendgrid.requests) <= 2 * math.ceil(math.log2(count)) + 1


def test_many_unnamed_readers_cost_no_more_requests_and_nobody_is_lost(sendgrid, transport):
    sendgrid.silently_refused = {f"reader{number}@example.org" for number in range(1, 65, 4)}
    outcomes = transport.hand_over(SmallMailing(), readers(64))

    assert len(sendgrid.requests) <= 13
    assert len(outcomes) == 64
    for outcome in outcomes:
        took = f"reader{outcome.delivery_id}@example.org" in mailed(sendgrid)
        assert isinstance(outcome, Accepted) == took
    # Only the guilty are out for good, everybody else may be tried again
    out = {
        f"reader{each.delivery_id}@example.org" for each in outcomes if isinstance(each, Rejected) and each.permanent
    }
    assert out <= sendgrid.silently_refused


def test_a_request_that_is_refused_whoever_is_in_it_blames_nobody_and_stops(sendgrid, transport):
    sendgrid.behave(otherwise="400")
    outcomes = transport.hand_over(SmallMailing(), readers(16))
    assert all(isinstance(outcome, Rejected) and outcome.not_before for outcome in outcomes)
    assert any(outcome.stop for outcome in outcomes)
    assert len(sendgrid.requests) <= 9


@pytest.mark.parametrize("field", ["from.email", "subject", "content.0.value", "personalizations"])
def test_a_400_that_names_the_mailing_stops_the_edition_at_once(sendgrid, transport, field):
    sendgrid.behave(error_body(field, "The mailing is wrong."))
    outcomes = transport.hand_over(SmallMailing(), readers(5))
    assert all(outcome.stop and outcome.not_before for outcome in outcomes)
    assert "The mailing is wrong." in outcomes[0].reason
    assert sendgrid.requests == [5]


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", '{"errors": 7}', '{"errors": [7]}', '{"errors": [{}]}', "[" * 100_000]
)
def test_an_error_body_of_any_form_still_narrows_down(sendgrid, transport, body):
    sendgrid.behave(f"body:{body}")
    outcomes = transport.hand_over(SmallMailing(), readers(4))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert sendgrid.requests == [4, 2, 2]


def test_a_413_splits_the_batch(sendgrid, transport):
    sendgrid.max_bytes = 8_000
    outcomes = transport.hand_over(SmallMailing(), readers(30))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(mailed(sendgrid)) == len(set(mailed(sendgrid))) == 30


def test_only_the_request_that_holds_the_whole_batch_is_called_as_the_attempt(sendgrid, transport):
    # Else an event out of a part would prove that the other parts were taken too
    transport.hand_over(SmallMailing(attempt=2), readers(3))
    assert {copy.custom_args["nl_attempt"] for copy in sendgrid.copies} == {"2"}
    sendgrid.copies.clear()
    sendgrid.behave("413")
    transport.hand_over(SmallMailing(attempt=2), readers(3))
    assert [copy.custom_args["nl_attempt"] for copy in sendgrid.copies] == ["2.2", "2.3", "2.3"]


def test_a_413_for_one_reader_is_the_editions_fault(sendgrid, transport):
    sendgrid.max_bytes = 10
    outcomes = transport.hand_over(SmallMailing(), readers(1))
    assert outcomes[0].stop


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "SENDGRID_API_KEY"),
        (403, "sender"),
        (404, "SENDGRID_API_URL"),
        (405, "SENDGRID_API_URL"),
        (200, "sandbox"),
        (418, "418"),
    ],
)
def test_a_refusal_of_ours_stops_the_edition_and_rejects_nobody_for_good(sendgrid, transport, status, says):
    sendgrid.behave(str(status))
    outcomes = transport.hand_over(SmallMailing(), readers(3))
    assert all(isinstance(outcome, Rejected) and outcome.stop and outcome.not_before for outcome in outcomes)
    assert says in outcomes[0].reason
    assert sendgrid.requests == [3]


def test_a_wrong_key_is_told_as_that(sendgrid):
    outcomes = transport_to(sendgrid.url, key="SG.wrong").hand_over(SmallMailing(), readers(1))
    assert "refused the API key" in outcomes[0].reason


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(sendgrid, transport):
    sendgrid.behave("302")
    outcomes = transport.hand_over(SmallMailing(), readers(2))
    assert all(outcome.stop for outcome in outcomes)
    assert sendgrid.requests == [2]


def test_a_415_is_for_good_and_stops(sendgrid, transport):
    sendgrid.behave("415")
    outcomes = transport.hand_over(SmallMailing(), readers(2))
    assert all(outcome.permanent and outcome.stop for outcome in outcomes)


def test_the_last_request_that_there_is_room_for_is_accepted_and_lets_everybody_rest(sendgrid, transport):
    sendgrid.behave("last:30")
    outcomes = transport.hand_over(SmallMailing(), readers(3))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    wait = (outcomes[0].rest_until - datetime.now(UTC)).total_seconds()
    assert 20 < wait < 40
    # and one that leaves room says nothing
    assert transport.hand_over(SmallMailing(), readers(1))[0].rest_until is None


def test_a_429_waits_until_sendgrid_says(sendgrid, transport):
    sendgrid.behave("429:30")
    before = time.time()
    outcomes = transport.hand_over(SmallMailing(), readers(2))
    wait = outcomes[0].not_before.timestamp() - before
    assert 25 < wait < 35
    assert not outcomes[0].stop
    assert sendgrid.requests == [2]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"X-RateLimit-Reset": "soon"}, 60),
        ({"X-RateLimit-Reset": "nan"}, 60),
        ({"X-RateLimit-Reset": "1"}, 1),
        ({"X-RateLimit-Reset": "99999999999"}, 3600),
        ({"X-RateLimit-Reset": "9" * 400}, 60),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "tomorrow"}, 60),
    ],
)
def test_what_a_429_asks_is_kept_within_bounds(headers, seconds):
    assert_waits(headers, seconds)


def test_a_429_may_name_a_date():
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    assert_waits({"Retry-After": date}, 600)


def assert_waits(headers, seconds):
    refusal = refusal_in(Answer(429, headers, b""))
    wait = (refusal.not_before - datetime.now(UTC)).total_seconds()
    assert seconds - 5 < wait <= seconds + 5


def test_what_follows_an_open_answer_is_not_offered(sendgrid, transport):
    # Given a 400 that names nobody, and then a lost answer for the first half
    sendgrid.behave("400", "reset-after")
    outcomes = transport.hand_over(SmallMailing(), readers(4))
    # Then the first half is unknown and the second, which was never offered, may be tried again
    assert [type(outcome) for outcome in outcomes] == [Unknown, Unknown, Rejected, Rejected]
    assert outcomes[3].not_before
    assert len(sendgrid.copies) == 2


def test_no_address_reaches_the_reason(sendgrid, transport):
    sendgrid.behave(error_body("personalizations.0.to", "reader1@example.org is not one"))
    outcomes = transport.hand_over(SmallMailing(), readers(2))
    assert outcomes[0].reason == "SendGrid refused: (address) is not one"


def test_a_hand_over_whose_time_is_up_offers_nothing(sendgrid):
    outcomes = transport_to(sendgrid.url, deadline=0).hand_over(SmallMailing(), readers(2))
    assert all(isinstance(outcome, Rejected) and outcome.not_before for outcome in outcomes)
    assert sendgrid.requests == []


def test_a_key_that_no_header_can_carry_is_a_configuration_error(sendgrid):
    with pytest.raises(ConfigError, match="SENDGRID_API_KEY"):
        client_for("SG.key\nX-Other: 1", sendgrid.url)


@pytest.mark.parametrize("change", [{"sender": ("X", "dësk@example.org")}, {"sender": ("X", "")}, {"reply_to": "x"}])
def test_an_own_address_that_cannot_send_stops_the_edition_before_any_request(sendgrid, transport, change):
    outcomes = transport.hand_over(SmallMailing(**change), readers(2))
    assert all(isinstance(outcome, Rejected) and outcome.stop and outcome.not_before for outcome in outcomes)
    assert sendgrid.requests == []
