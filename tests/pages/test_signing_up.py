"""Signing up: a form, a letter, a press; and the same answer for everybody."""

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from newsletter import config
from newsletter.letters import render
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter
from newsletter.pages import snippet, wording
from newsletter.subscribers import addresses, consent, signup, topics
from newsletter.subscribers.models import Consent, SignUp, Subscriber, Subscription, Suppression, Wording
from newsletter.tracking import erase
from tests import builders
from tests.pages.conftest import answered, path_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FORM = "/subscribe/the-meridian"


def rows():
    """Everything in every table."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def test_who_signs_up_and_presses_gets_it(sign_up, visitor):
    # Given a form that was sent, which makes nobody a reader
    assert "Look into your mailbox" in sign_up(name="Ada Byron").text
    assert not Subscriber.objects.exists()
    # When the button of the letter's page is pressed
    (letter,) = answered()
    path = path_in(letter)
    assert "Shall The Meridian come to you?" in visitor.get(path).text
    assert not Subscription.objects.exists()
    assert "Welcome" in visitor.post(path).text
    # Then there is a reader with their name
    subscription = Subscription.objects.select_related("subscriber").get()
    assert subscription.status == "active"
    assert (subscription.subscriber.email, subscription.subscriber.name) == ("ada@example.org", "Ada Byron")


def test_what_was_typed_is_said_again_and_can_be_asked_for_once_more(sign_up, visitor):
    page = sign_up("ada+list@example.org", name="Ada").text
    assert "on its way to ada+list@example.org" in page
    assert 'href="/subscribe/the-meridian"' in page
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert "Asked once more." in visitor.post(FORM, {**carried, "again": "1"}).text
    assert list(SignUp.objects.values_list("address", "name")) == [("ada+list@example.org", "Ada")] * 2
    assert len(answered()) == 1


def test_pressing_twice_is_harmless(sign_up, visitor):
    sign_up()
    path = path_in(answered()[0])
    for _ in range(3):
        assert "Welcome" in visitor.post(path).text
        assert "Welcome" in visitor.get(path).text
    assert Subscription.objects.count() == Consent.objects.count() == 1


def test_the_evidence_says_what_was_agreed_to_when_and_from_where(sign_up, visitor):
    visitor.post(FORM, {"address": "ada@example.org"}, REMOTE_ADDR="203.0.113.77")
    visitor.post(path_in(answered()[0]), REMOTE_ADDR="2001:db8:7:8::1")
    kept = Consent.objects.select_related("wording").get()
    assert (kept.status, kept.source, kept.asked_network, kept.network) == (
        "active", "sign-up", "203.0.113.0/24", "2001:db8:7::/48",
    )  # fmt: skip
    assert kept.asked_at < kept.at
    page = visitor.get(FORM).text
    for line in kept.wording.text.splitlines()[1:4]:
        assert line in page
    assert "https://meridian.example/privacy" in kept.wording.text
    # The same words are kept once
    visitor.post(FORM, {"address": "eve@example.org"})
    assert Wording.objects.count() == 1


def test_a_form_pasted_into_another_site_says_what_is_kept_as_agreed_to(visitor, open_newsletter):
    # Given the form as the command prints it, in the newsletter's language
    Newsletter.objects.update(language="fr")
    pasted = html.fragment_fromstring(snippet.form(Newsletter.objects.get()))
    fields = {each.get("name"): each.get("value", "") for each in pasted.iter("input")}
    # When somebody sends it
    visitor.post(urlsplit(pasted.get("action")).path, {**fields, "address": "ada@example.org"})
    request = SignUp.objects.select_related("wording").get()
    # Then every line of the evidence stood in it, and the evidence says that it was that form
    said = " ".join(pasted.text_content().split())
    *lines, notice = request.wording.text.splitlines()
    assert [line for line in lines if line not in said] == []
    assert notice.endswith(pasted.find(".//a").get("href"))
    assert request.source == "site"


def test_the_letter_carries_nothing_that_was_typed(sign_up):
    sign_up("ada@example.org", name="Buy now https://evil.example")
    mail = render.content_of(answered()[0])
    assert "evil" not in mail.text + mail.html + mail.subject
    assert "ada" not in mail.text


def test_without_a_privacy_notice_nobody_can_sign_up(visitor):
    builders.make_newsletter()
    assert {visitor.get(path).status_code for path in (FORM, f"{FORM}/frame", "/subscribe/")} == {404}
    assert visitor.post(FORM, {"address": "ada@example.org"}).status_code == 404
    assert not SignUp.objects.exists()


STATES = ("unknown", "asked", "pending", "active", "paused", "unsubscribed", "complaint", "hard_bounce", "erased")


def prepare(state, newsletter):
    address = f"{state.replace('_', ''):x<12}@example.org"  # all of one length
    if state in ("pending", "active", "paused", "unsubscribed"):
        consent.add(address, "Somebody", newsletter, None, "")
        Subscription.objects.filter(subscriber__email=address).update(status=state)
    elif state in ("complaint", "hard_bounce"):
        Suppression.objects.create(address_key=addresses.key(address), reason=state)
    elif state == "erased":
        consent.add(address, "Somebody", newsletter, None, "")
        erase.erase(Subscriber.objects.get(email=address))
    return address


def test_the_answer_is_the_same_for_everybody_t12(sign_up, open_newsletter):
    answers, queries = set(), set()
    sign_up("first@example.org")  # the wording's row is written once
    for state in STATES:
        address = prepare(state, open_newsletter)
        if state == "asked":
            sign_up(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = sign_up(address)
        headers = sorted((name, value) for name, value in response.headers.items())
        typed_back = response.content.count(address.encode())
        said = response.content.replace(address.encode(), b"what was typed")
        answers.add((response.status_code, typed_back, said, str(headers)))
        queries.add(tuple(each["sql"].split(" ")[0] for each in asked))
    assert len(answers) == 1
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("unknown", "confirmation"), ("pending", "confirmation"), ("unsubscribed", "confirmation"),
        ("erased", "confirmation"), ("active", "already"), ("complaint", None), ("hard_bounce", None),
    ],
)  # fmt: skip
def test_what_the_bell_sends_depends_on_who_it_is(sign_up, open_newsletter, state, kind):
    sign_up(prepare(state, open_newsletter))
    assert [letter.kind for letter in answered()] == ([kind] if kind else [])


def test_who_left_comes_back_by_this_road_with_evidence(sign_up, visitor, open_newsletter):
    address = prepare("unsubscribed", open_newsletter)
    sign_up(address)
    assert Subscription.objects.get().status == "unsubscribed"
    Subscription.objects.update(counted_since=timezone.now())
    visitor.post(path_in(answered()[0]))
    # What they had agreed to beside, they have not agreed to anew
    assert Subscription.objects.values_list("status", "counted_since").get() == ("active", None)
    assert Consent.objects.last().source == "sign-up"


def test_who_was_forgotten_comes_back_as_somebody_new(sign_up, visitor, open_newsletter):
    sign_up(prepare("erased", open_newsletter))
    visitor.post(path_in(answered()[0]))
    assert Subscriber.objects.count() == 2
    assert Subscriber.objects.get(email__isnull=False).subscriptions.get().status == "active"
    assert not Suppression.objects.exists()


def test_a_suppression_after_the_letter_still_holds(sign_up, visitor):
    sign_up()
    path = path_in(answered()[0])
    Suppression.objects.create(address_key=addresses.key("ada@example.org"), reason="complaint")
    assert "This cannot be done" in visitor.post(path).text
    assert not Subscription.objects.exists()


def test_the_letter_is_refused_after_two_weeks_and_its_address_forgotten(sign_up, visitor):
    sign_up()
    path = path_in(answered()[0])
    later = timezone.now() + timedelta(days=14, minutes=2)
    signup.tidy(later)
    assert SignUp.objects.get().address == ""
    assert visitor.post(path).status_code == 404
    signup.tidy(later + timedelta(days=31))
    assert not SignUp.objects.exists()


def test_a_filled_trap_asks_for_one_more_press_and_drops_nobody(sign_up):
    page = sign_up(reference="https://spam.example").text
    assert "One more press" in page
    assert 'value="ada@example.org"' in page
    assert not SignUp.objects.exists()
    assert "Look into your mailbox" in sign_up(sure="1").text
    assert SignUp.objects.get().trapped


def test_the_trap_is_hidden_from_everybody_but_programs(visitor, open_newsletter):
    page = visitor.get(FORM).text
    trap = page[page.index('class="beside"') :].partition("</div>")[0]
    assert 'aria-hidden="true"' in trap
    assert 'tabindex="-1"' in trap
    assert 'autocomplete="off"' in trap


def test_one_form_takes_several_newsletters(visitor, open_newsletter):
    other = builders.make_newsletter("The Parallel", privacy_url="https://meridian.example/privacy")
    builders.make_newsletter("The Hidden")
    page = visitor.get("/subscribe/").text
    assert "The Parallel" in page
    assert "The Hidden" not in page
    assert "Please choose at least one." in visitor.post("/subscribe/", {"address": "ada@example.org"}).text
    visitor.post(
        "/subscribe/", {"address": "ada@example.org", "newsletters": ["the-meridian", "the-parallel", "the-hidden"]}
    )
    visitor.post(path_in(answered()[0]))
    assert set(Subscription.objects.values_list("newsletter", flat=True)) == {open_newsletter.pk, other.pk}


def test_topics_are_offered_and_kept(visitor, open_newsletter):
    builders.scheduled_edition(open_newsletter)
    page = visitor.get(FORM).text
    assert 'value="Africa"' in page
    visitor.post(FORM, {"address": "ada@example.org", "topics": ["Africa", "Nonsense"]})
    visitor.post(path_in(answered()[0]))
    assert topics.of_key(Subscription.objects.get().topic_set) == ["Africa"]


def test_a_welcome_letter_goes_out_where_the_newsletter_wants_one(sign_up, visitor, open_newsletter):
    Newsletter.objects.update(welcome=True)
    sign_up()
    visitor.post(path_in(answered()[0]))
    letters = answered()
    assert [letter.kind for letter in letters] == ["confirmation", "welcome"]
    assert visitor.get(path_in(letters[1])).status_code == 200


def test_the_form_says_who_writes_how_often_and_what_is_measured(visitor, open_newsletter):
    page = visitor.get(FORM).text
    assert "The Meridian comes once a week, on Thursday. It is sent from desk@meridian.example." in page
    assert "We do not measure" in page
    assert 'href="https://meridian.example/privacy"' in page
    assert "Read the latest edition" not in page
    assert len(page) < 30_000


@pytest.mark.parametrize(
    ("kept", "said"),
    [("direct", "We do not measure"), ("counted", "not by whom"), ("personal", "readers who agreed to that")],
)
def test_the_form_says_what_is_measured_as_the_newsletter_is_set(open_newsletter, kept, said):
    open_newsletter.links = kept
    assert said in wording.text_of(wording.terms_of([open_newsletter]))


def test_a_frame_may_stand_anywhere_and_runs_no_script(visitor, open_newsletter):
    response = visitor.get(f"{FORM}/frame")
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    assert "<script" not in response.text
    assert "Look into your mailbox" in visitor.post(f"{FORM}/frame", {"address": "ada@example.org"}).text
    assert "frame-ancestors 'self'" in visitor.get(FORM)["Content-Security-Policy"]


class TestByScript:
    @pytest.fixture(autouse=True)
    def _origin(self, monkeypatch):
        monkeypatch.setenv("NEWSLETTER_FORM_ORIGINS", "https://www.meridian.example, https://meridian.example")
        config.current.cache_clear()
        yield
        monkeypatch.undo()
        config.current.cache_clear()

    def post(self, visitor, body, origin="https://meridian.example"):
        text = body if isinstance(body, bytes | str) else json.dumps(body)
        return visitor.post(f"{FORM}.json", text, content_type="application/json", headers={"Origin": origin})

    def test_a_form_of_the_sites_own_signs_up(self, visitor, open_newsletter):
        response = self.post(visitor, {"address": "ada@example.org"})
        assert response.json()["status"] == "sent"
        assert response["Access-Control-Allow-Origin"] == "https://meridian.example"
        assert len(answered()) == 1

    def test_faults_are_told_by_field(self, visitor, open_newsletter):
        response = self.post(visitor, {"address": "ada"})
        assert response.status_code == 422
        assert "address" in response.json()["faults"]

    @pytest.mark.parametrize("body", ["", "[]", "1", "{", b"\xff\xfe", "[" * 100_000, '"x"'])
    def test_what_is_no_object_is_refused(self, visitor, open_newsletter, body):
        assert self.post(visitor, body).status_code == 400

    @pytest.mark.parametrize("value", [None, 1, {"a": "b"}, [], [[]], True, "\ud800", "a\0b@example.org"])
    def test_strange_values_are_faults(self, visitor, open_newsletter, value):
        assert self.post(visitor, {"address": value, "name": value, "topics": value}).status_code == 422

    def test_other_sites_are_told_nothing(self, visitor, open_newsletter):
        response = self.post(visitor, {"address": "ada"}, origin="https://evil.example")
        assert "Access-Control-Allow-Origin" not in response

    def test_a_browser_may_ask_first(self, visitor, open_newsletter):
        response = visitor.options(f"{FORM}.json", headers={"Origin": "https://meridian.example"})
        assert response.status_code == 204
        assert response["Access-Control-Allow-Headers"] == "Content-Type"


HOSTILE = [
    "", " ", "ada", "a" * 300 + "@example.org", "ada@example.org\r\nBcc: all@example.org", "ada\0@example.org",
    "-oQ/tmp@example.org", "a@b.c, d@e.f", "<script>alert(1)</script>@example.org", "\u202eada@example.org",
    "ada@exam\u200bple.org", "💥@example.org", "'\";{{7*7}}<svg/onload>%0d%0a=1+1", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_no_address_is_told_beside_the_field(sign_up, typed):
    response = sign_up(typed)
    assert response.status_code == 200
    assert 'id="address-fault"' in response.text
    assert "<script>alert" not in response.text
    assert "<svg/onload" not in response.text
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("typed", HOSTILE)
def test_no_name_or_topic_breaks_anything(sign_up, visitor, typed):
    response = sign_up(name=typed, topics=typed, newsletters=typed, began=typed, ticket=typed, number=typed)
    assert response.status_code == 200
    if len(typed) > 200:
        assert 'id="name-fault"' in response.text
        return
    visitor.post(path_in(answered()[0]))
    assert Subscriber.objects.get().name.isprintable()


def test_looking_changes_nothing(visitor, open_newsletter, sign_up):
    sign_up()
    path = path_in(answered()[0])
    before = rows()
    for each in (FORM, f"{FORM}/frame", "/subscribe/", path):
        for ask in (visitor.get, visitor.head, visitor.options, visitor.put):
            ask(each)
    assert rows() == before


def test_no_page_sets_a_cookie_or_lets_itself_be_kept(visitor, sign_up):
    for response in (
        visitor.get(FORM),
        sign_up(),
        sign_up("nobody"),
        visitor.get("/c/x"),
        visitor.get(f"{FORM}/frame"),
    ):
        assert not response.cookies
        assert response["Cache-Control"] == "no-store"
        assert "Cookie" not in response.get("Vary", "")


def test_the_form_speaks_french(visitor, open_newsletter, sign_up):
    Newsletter.objects.update(language="fr")
    page = visitor.get(FORM).text
    assert "S’inscrire" in page
    assert "jeudi" in page
    sign_up()
    mail = render.content_of(answered()[0])
    assert mail.subject == "À confirmer : The Meridian"
    assert 'lang="fr"' in mail.html


def test_a_strange_host_header_changes_no_link_t27(open_newsletter):
    for headers in (
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Host": "evil.example"},
    ):
        Client().post(FORM, {"address": "ada@example.org"}, headers=headers)
    assert Client().post(FORM, {"address": "ada@example.org"}, headers={"Host": "evil.example"}).status_code == 400
    answered()
    assert "evil" not in render.content_of(Letter.objects.get()).text
