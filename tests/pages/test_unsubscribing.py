"""Leaving: looking changes nothing, one press or one click acts, and nothing needs a cookie."""

import pytest
from django.apps import apps
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from newsletter.newsletters.models import DeskSession as Session
from newsletter.subscribers import tokens
from newsletter.subscribers.models import Consent, Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = MULTIPART_CONTENT.partition("boundary=")[2]
MULTIPART_BODY = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--{BOUNDARY}--\r\n'
)


@pytest.fixture
def subscription(db):
    return builders.add_readers(builders.make_newsletter(), 1)[0]


@pytest.fixture
def browser():
    """A mail client or a browser: no cookie, and the tokens of forms are checked as in production."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def path(subscription):
    return f"/u/{tokens.token_for(subscription.public_id)}"


def rows():
    """Everything in every table."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


@pytest.mark.parametrize("status", ["pending", "active", "paused", "unsubscribed"])
def test_looking_changes_nothing(browser, path, subscription, status):
    Subscription.objects.update(status=status)
    before = rows()
    for _ in range(3):
        assert browser.get(path).status_code == 200
        assert browser.head(path).status_code == 200
        assert browser.options(path).status_code == 405
        assert browser.put(path).status_code == 405
        assert browser.get(f"{path}?List-Unsubscribe=One-Click").status_code == 200
    assert rows() == before


def test_the_page_asks_with_one_button_and_names_the_newsletter(browser, path):
    page = browser.get(path).text
    assert "Leave The Meridian?" in page
    assert page.count("<button") == 1
    assert "reader0@example.org" not in page
    assert "<script" not in page


def test_pressing_the_button_ends_the_subscription(browser, path, subscription):
    response = browser.post(path)
    assert response.status_code == 200
    assert "You have left" in response.text
    subscription.refresh_from_db()
    assert subscription.status == "unsubscribed"
    assert Consent.objects.get().source == "page"
    assert "You have left" in browser.get(path).text


@pytest.mark.parametrize(
    ("content_type", "body"), [(URLENCODED, "List-Unsubscribe=One-Click"), (MULTIPART_CONTENT, MULTIPART_BODY)]
)
def test_one_click_of_a_mail_client_acts_at_once(browser, path, subscription, content_type, body):
    # RFC 8058, 3.2: a POST without cookies or any other context, which must not be redirected
    response = browser.generic("POST", path, body, content_type=content_type)
    assert response.status_code == 200
    assert not response.cookies
    assert "Location" not in response.headers
    subscription.refresh_from_db()
    assert subscription.status == "unsubscribed"
    assert list(Consent.objects.values_list("status", "source")) == [("unsubscribed", "one-click")]


def test_repeating_it_is_harmless_and_leaves_one_piece_of_evidence(browser, path, subscription):
    for _ in range(5):
        assert browser.post(path, "List-Unsubscribe=One-Click", content_type=URLENCODED).status_code == 200
        assert browser.post(path).status_code == 200
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", "junk"), (URLENCODED, "a=b&" * 500), ("application/json", "{"), (URLENCODED, b"\xff\x00%zz"),
        # What Django refuses to read
        (f"{URLENCODED}; charset=us-ascii", "List-Unsubscribe=One-Click"), ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=", "x"), (URLENCODED, "a=b&" * 2000), (URLENCODED, "a" * 3_000_000),
    ],
)  # fmt: skip
def test_who_presses_leaves_whatever_else_their_client_sends(browser, path, subscription, content_type, body):
    assert browser.generic("POST", path, body, content_type=content_type).status_code == 200
    subscription.refresh_from_db()
    assert subscription.status == "unsubscribed"


def test_a_body_that_nobody_can_read_changes_no_choice_and_is_no_fault_of_ours(browser, path):
    for page in (path.replace("/u/", "/p/"), f"{path}/why"):
        response = browser.generic("POST", page, "do=topics&" * 2000, content_type=URLENCODED)
        assert response.status_code == 400
        assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex")
        assert response["Referrer-Policy"] == "no-referrer"


def test_a_staff_members_session_is_neither_needed_nor_touched(path, django_user_model):
    client = Client(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create(email="ed@example.org"))
    before = list(Session.objects.values())
    assert client.post(path).status_code == 200
    assert list(Session.objects.values()) == before


def test_no_cookie_is_set_by_any_answer(browser, path):
    for response in (browser.get(path), browser.head(path), browser.post(path), browser.post(path), browser.get(path)):
        assert not response.cookies
    assert not Session.objects.exists()


def test_forged_and_unknown_tokens_look_alike(browser, subscription, path):
    token = path.rpartition("/")[2]
    unknown = tokens.token_for(12345)
    wrong = [
        unknown,
        token[:-1],
        f"{token}A",
        f"{'A' if token[0] != 'A' else 'B'}{token[1:]}",
        "x",
        "x" * 3000,
        "ü" * 34,
    ]
    for method in (browser.get, browser.post):
        answers = [method(f"/u/{each}") for each in wrong]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers}) == 1
        assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
        assert "This link is not known" in answers[0].text
    subscription.refresh_from_db()
    assert subscription.status == "active"
    assert not Consent.objects.exists()


def test_no_answer_is_kept_listed_or_passed_on(browser, path):
    for response in (browser.get(path), browser.post(path), browser.get("/u/x"), browser.post("/u/x")):
        assert response["Cache-Control"] == "no-store"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "Cookie" not in response.get("Vary", "")


def test_who_left_one_newsletter_still_gets_the_other(browser, path, subscription):
    other = Subscription.objects.create(
        subscriber=subscription.subscriber, newsletter=builders.make_newsletter("Another"), status="active"
    )
    browser.post(path)
    other.refresh_from_db()
    assert other.status == "active"


def test_a_newsletters_name_is_text(browser, path, subscription):
    subscription.newsletter.name = "<script>alert(1)</script>"
    subscription.newsletter.save()
    for response in (browser.get(path), browser.post(path)):
        assert "<script" not in response.text
