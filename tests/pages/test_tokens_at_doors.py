"""Every token at every door: each opens its own, and forged, stale and strangers' ones all look alike (T-11)."""

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from newsletter import signing
from newsletter.signing import LIFE, Purpose, fresh
from newsletter.subscribers.models import Consent, SignUp, Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# By name in urls.py: the tokens that open it. A new door must be entered here.
DOORS = {
    "confirm": {Purpose.CONFIRM},
    "change-of-address": {Purpose.ADDRESS},
    "unsubscribe": {"mail"},
    "unsubscribe-undo": {"mail"},
    "unsubscribe-why": {"mail"},
    "preferences": {"mail"},
    "personal": {Purpose.PERSONAL},
    "personal-data": {Purpose.PERSONAL},
}
COUNTS = {"opened"}  # no door: whoever asks gets the same picture, behind a link that is signed itself


def doors():
    """Every address of readers' pages that takes a token, by name."""
    found = {each.name: str(each.pattern) for each in get_resolver().url_patterns if hasattr(each, "name")}
    return {name: f"/{path}" for name, path in found.items() if "token>" in path and name not in COUNTS}


@pytest.fixture
def reader(open_newsletter):
    return builders.add_readers(open_newsletter, 1)[0]


@pytest.fixture
def tokens(reader):
    """One of each kind, good for a row of its own."""
    values = {"abuse_key": "k", "domain": "", "source": "page", "status": "mailed"}
    request = SignUp.objects.create(address="x@example.org", address_key="k", **values)
    move = SignUp.objects.create(address="y@example.org", address_key="l", subscriber=reader.subscriber, **values)
    rows = {Purpose.CONFIRM: request, Purpose.PERSONAL: reader, Purpose.ADDRESS: move}
    return rows, {
        "mail": signing.token_for(reader.public_id),
        **{purpose: fresh(purpose, row.public_id, timezone.now()) for purpose, row in rows.items()},
    }


def path_to(door, token):
    return door.replace("<str:token>", token)


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Subscription, Consent, SignUp)]


def test_every_door_for_a_token_is_known_here():
    assert doors().keys() == DOORS.keys()


@pytest.mark.parametrize("method", ["get", "post", "head", "options", "put", "patch", "delete"])
def test_every_purpose_opens_its_own_doors_only(visitor, tokens, method):
    _, made = tokens
    for name, door in doors().items():
        for purpose, token in made.items():
            if purpose in DOORS[name]:
                continue
            before = state()
            response = getattr(visitor, method)(path_to(door, token))
            assert response.status_code in (403, 404, 405), (name, purpose)
            assert state() == before, (name, purpose)


def test_a_counted_link_opens_no_page_and_no_readers_token_is_a_link(visitor, tokens):
    _, made = tokens
    link, before = signing.link_for(1, 1), state()
    tried = [path_to(door, link) for door in doors().values()]
    tried += [path for token in made.values() for path in (f"/r/{token}", f"/r/{link}/{token}", f"/o/{token}/{token}")]
    assert {path: visitor.get(path).status_code for path in tried} == dict.fromkeys(tried, 404)
    assert state() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_forged_stale_or_for_another_row_looks_alike(visitor, tokens, method):
    rows, made = tokens
    stale = {
        purpose: fresh(purpose, row.public_id, timezone.now() - LIFE[purpose] - timedelta(minutes=2))
        for purpose, row in rows.items()
    }
    for name, door in doors().items():
        (opens,) = DOORS[name]
        forged = made[opens][:-2] + ("AA" if not made[opens].endswith("AA") else "BB")
        tried = [
            forged,
            "x",
            "x" * 3000,
            "%00",
            signing.token_for(12345),
            fresh(Purpose.CONFIRM, 12345, timezone.now()),
        ]
        tried += [stale[opens]] if opens in stale else []
        before = state()
        answers = [getattr(visitor, method)(path_to(door, token)) for token in tried]
        if {answer.status_code for answer in answers} <= {403, 405}:  # a door that takes no such method
            continue
        assert {answer.status_code for answer in answers} == {404}, name
        assert len({answer.content for answer in answers}) == 1, name
        assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1, name
        assert state() == before


def test_no_answer_behind_a_token_is_kept_listed_or_passed_on(visitor, tokens):
    _, made = tokens
    for name, door in doors().items():
        (opens,) = DOORS[name]
        answers = [visitor.get(path_to(door, token)) for token in (made[opens], "x")]
        for response in (*answers, visitor.put(path_to(door, made[opens]))):
            assert response["Cache-Control"] == "no-store", name
            assert response["X-Robots-Tag"] == "noindex", name
            assert response["Referrer-Policy"] == "no-referrer", name
