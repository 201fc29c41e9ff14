"""What readers choose by the link in their mail, and what takes a link that is mailed to them."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from newsletter.deliveries.models import Delivery
from newsletter.editions import approve, variants
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter
from newsletter.signing import LIFE, Purpose, fresh
from newsletter.subscribers import addresses, choices, confirm, consent, importer, signup, tokens, topics
from newsletter.subscribers.models import Consent, SignUp, Subscriber, Subscription, Suppression
from newsletter.tracking.models import Click, Event
from tests import builders
from tests.pages.conftest import answered, path_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def here(open_newsletter):
    return builders.add_readers(open_newsletter, 1)[0]


@pytest.fixture
def path(here):
    return f"/p/{tokens.token_for(here.public_id)}"


@pytest.fixture
def own(here):
    return f"/me/{fresh(Purpose.PERSONAL, here.public_id, timezone.now())}"


def again(row):
    row.refresh_from_db()
    return row


def test_the_page_gives_nothing_away_to_whom_the_mail_was_forwarded(visitor, path):
    page = visitor.get(path).text
    assert "r•••@example.org" in page
    assert "reader0@" not in page
    assert "Reader 0" not in page


def coming_told(page):
    """What the page says of the next edition."""
    return " ".join(re.search(r"<p>(Your next edition.*?)</p>", page, re.DOTALL)[1].split())


@pytest.fixture
def draft(open_newsletter):
    """Nine stories, three of them about Africa."""
    for number in range(9):
        builders.make_article(f"Story {number}", hours_ago=number + 1, topics=["Asia" if number % 3 else "Africa"])
    return builders.draft.compose_regular(open_newsletter)


def choose(here, chosen, readers=1):
    """So many readers chose these topics, the one here among them."""
    key = topics.key_of(chosen)
    others = builders.add_readers(here.newsletter, readers - 1, first=50)
    Subscription.objects.filter(pk__in=[here.pk, *(each.pk for each in others)]).update(topic_set=key)


def test_topics_are_chosen_and_their_effect_is_told(visitor, path, here, draft):
    assert "Your topics are kept." in visitor.post(path, {"do": "topics", "topics": ["Africa", "Forged"]}).text
    assert topics.of_key(again(here).topic_set) == ["Africa"]
    # Nobody else chose them yet, so there is no such copy
    whole = "Your next edition would have 9 stories, as far as they are in today."
    few = "3 are about your topics; so far few readers chose them, so you get the whole edition."
    assert coming_told(visitor.get(path).text) == f"{whole} {few}"
    visitor.post(path, {"do": "topics"})
    visitor.post(path, {"do": "topics"})
    assert again(here).topic_set == ""
    assert list(Consent.objects.order_by("pk").values_list("status", "source", "detail")) == [
        ("active", "page", "topics: Africa"),
        ("active", "page", "topics: everything"),
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "Your next edition would have 3 stories of 9, as far as they are in today."),
        ({"min_items": 4}, "3 are about your topics; that is too little for an edition of their own"),
        ({"topic_copies": "first"}, "3 are about your topics; they come first."),
    ],
)
def test_what_the_page_promises_is_what_approval_makes(visitor, path, here, draft, settings, said):
    choose(here, ["Africa"], variants.ENOUGH)
    Newsletter.objects.update(**settings)
    assert said in coming_told(visitor.get(path).text)
    # And it is still so once the edition is approved
    approve.approve(Edition.objects.get(), None)
    assert Edition.objects.get().renderings.filter(topic_set=again(here).topic_set).exists() == (
        "too little" not in said
    )
    assert said in coming_told(visitor.get(path).text)


def test_topics_beyond_the_most_copies_get_the_whole_edition(visitor, path, here, draft, monkeypatch):
    choose(here, ["Africa"], variants.ENOUGH)
    monkeypatch.setattr(variants.config, "current", lambda: SimpleNamespace(most_variants=0))
    assert "so you get the whole edition" in coming_told(visitor.get(path).text)


def test_a_pause_ends_by_itself(visitor, path, here):
    visitor.post(path, {"do": "pause", "weeks": "4"})
    assert again(here).status == "paused"
    assert choices.end_pauses(timezone.now() + timedelta(weeks=3)) == 0
    assert choices.end_pauses(timezone.now() + timedelta(weeks=4, minutes=1)) == 1
    assert again(here).status == "active"
    assert list(Consent.objects.order_by("pk").values_list("status", "source")) == [
        ("paused", "page"),
        ("active", "clock"),
    ]


def test_a_pause_is_ended_by_hand(visitor, path, here):
    visitor.post(path, {"do": "pause", "weeks": "4"})
    visitor.post(path, {"do": "pause", "weeks": "0"})
    assert again(here).status == "active"


def test_a_pause_of_staffs_has_no_end(here):
    Subscription.objects.update(status="paused")
    assert choices.end_pauses(timezone.now() + timedelta(weeks=100)) == 0


@pytest.mark.parametrize("weeks", ["", "-1", "3", "1e9", "x", "999999999999", "\0"])
def test_other_pauses_change_nothing(visitor, path, here, weeks):
    assert visitor.post(path, {"do": "pause", "weeks": weeks}).status_code == 200
    assert again(here).status == "active"


def test_who_left_does_not_come_back_by_a_pause(visitor, path, here):
    consent.unsubscribe(here, Consent.Source.PAGE)
    for weeks in ("4", "0"):
        visitor.post(path, {"do": "pause", "weeks": weeks})
    assert choices.end_pauses(timezone.now() + timedelta(weeks=9)) == 0
    assert again(here).status == "unsubscribed"


def test_one_newsletter_is_left_and_the_other_kept(visitor, path, here):
    other = builders.make_newsletter("The Parallel")
    theirs = Subscription.objects.create(subscriber=here.subscriber, newsletter=other, status="active")
    strangers = builders.add_readers(builders.make_newsletter("The Third"), 1, first=9)[0]
    page = visitor.post(path, {"do": "leave", "newsletter": "the-parallel"}).text
    visitor.post(path, {"do": "leave", "newsletter": "the-third"})
    assert [again(each).status for each in (theirs, here, strangers)] == ["unsubscribed", "active", "active"]
    # And it is taken back from the page that says so, or one goes on choosing
    assert f'href="{path}"' in page
    assert "Welcome back" in visitor.post(re.search(r'action="(/u/[^"]+/undo)"', page)[1]).text
    assert again(theirs).status == "active"


def test_other_newsletters_that_take_sign_ups_are_offered(visitor, path):
    builders.make_newsletter("The Parallel", privacy_url="https://meridian.example/privacy")
    builders.make_newsletter("The Hidden")
    page = visitor.get(path).text
    assert 'href="/subscribe/the-parallel"' in page
    assert "The Hidden" not in page
    assert 'href="/subscribe/the-meridian"' not in page


def test_a_fresh_link_is_mailed_to_the_reader_three_times_a_day_at_most(visitor, path, here):
    for _ in range(9):
        visitor.post(path, {"do": "link"})
    letters = answered()
    assert [(each.kind, each.subscriber) for each in letters] == [("fresh-link", here.subscriber)] * 3
    assert "reader0@example.org" in visitor.get(path_in(letters[0])).text


def test_a_suppressed_reader_is_mailed_no_link_and_told_the_same(visitor, path, here):
    first = visitor.post(path, {"do": "link"}).text
    Letter.objects.all().delete()
    Suppression.objects.create(address_key=here.subscriber.address_key, reason="complaint")
    assert visitor.post(path, {"do": "link"}).text == first
    assert not Letter.objects.exists()


def test_the_name_is_changed_by_the_fresh_link_only(visitor, path, own, here):
    visitor.post(path, {"do": "name", "name": "Mallory"})
    assert Subscriber.objects.get().name == "Reader 0"
    visitor.post(own, {"do": "name", "name": "Ada\r\nBcc: all@example.org"})
    assert Subscriber.objects.get().name == "Ada Bcc: all@example.org"
    assert 'id="name-fault"' in visitor.post(own, {"do": "name", "name": "x" * 201}).text


def test_a_new_address_is_confirmed_by_a_letter_to_it(visitor, own, here):
    assert "on its way to the new address" in visitor.post(own, {"do": "address", "address": "new@example.net"}).text
    (letter,) = answered()
    assert (letter.kind, letter.address) == ("address-change", "new@example.net")
    assert Subscriber.objects.get().email == "reader0@example.org"
    path = path_in(letter)
    visitor.get(path)
    assert Subscriber.objects.get().email == "reader0@example.org"
    for _ in range(2):
        assert "Your letters come here now" in visitor.post(path).text
    moved = Subscriber.objects.get()
    assert (moved.email, moved.address_key) == ("new@example.net", addresses.key("new@example.net"))
    assert again(here).status == "active"


@pytest.mark.parametrize("kind", ["sign-up", "move"])
def test_a_double_click_is_told_that_it_is_done(visitor, own, here, monkeypatch, kind):
    # Given a button that is pressed twice, each press having read the request before the other wrote
    if kind == "move":
        visitor.post(own, {"do": "address", "address": "new@example.net"})
    else:
        visitor.post("/subscribe/the-meridian", {"address": "new@example.net"})
    path, now = path_in(answered()[0]), timezone.now()
    purpose = Purpose.ADDRESS if kind == "move" else Purpose.CONFIRM
    both = [confirm.asked(path.rpartition("/")[2], now, purpose) for _ in range(2)]
    monkeypatch.setattr(confirm, "asked", lambda *_: both.pop())
    pages = [visitor.post(path).text for _ in range(2)]
    assert ["cannot be done" in page for page in pages] == [False, False]
    assert pages[0] == pages[1]


def test_nobody_moves_onto_another_reader_or_a_suppressed_address(visitor, own, here, open_newsletter):
    consent.add("other@example.net", "", open_newsletter, None, "")
    visitor.post(own, {"do": "address", "address": "other@example.net"})
    assert "This cannot be done" in visitor.post(path_in(answered()[0])).text
    Suppression.objects.create(address_key=addresses.key("gone@example.net"), reason="hard_bounce")
    visitor.post(own, {"do": "address", "address": "gone@example.net"})
    assert len(answered()) == 1
    assert here.subscriber.email == Subscriber.objects.get(pk=here.subscriber_id).email


def test_changes_of_address_share_the_limits_of_sign_ups(visitor, own):
    for _ in range(5):
        visitor.post(own, {"do": "address", "address": "victim@example.net"})
    assert len(answered()) == 1


def test_the_data_are_all_there(visitor, own, here):
    consent.unsubscribe(here, Consent.Source.PAGE, detail="often")
    response = visitor.get(f"{own}/data.json")
    assert "attachment" in response["Content-Disposition"]
    facts = json.loads(response.content)
    assert (facts["address"], facts["name"]) == ("reader0@example.org", "Reader 0")
    assert facts["subscriptions"][0]["evidence"][0]["detail"] == "often"


def test_what_was_counted_reported_and_asked_for_is_among_the_data(visitor, own, here, open_newsletter):
    now, edition = timezone.now(), builders.sent_edition(open_newsletter)
    choices.agree_to_counting(here, agrees=True, now=now)
    Click.objects.create(edition=edition, item=3, kind="click", at=now, subscription=here)
    values = {"edition": edition, "subscriber": here.subscriber, "address_key": here.subscriber.address_key}
    copy = Delivery.objects.create(**values, status="bounced", updated_at=now)
    said = {"kind": "bounce", "source": "sendgrid", "at": now, "received_at": now}
    Event.objects.create(key=uuid4(), delivery_id=copy.pk, words="mailbox full", **said)
    Event.objects.create(key=uuid4(), address_key=here.subscriber.address_key, words="no such user", **said)
    Event.objects.create(key=uuid4(), address_key="somebody else", words="theirs", **said)
    Suppression.objects.create(address_key=here.subscriber.address_key, reason="hard_bounce", note="said thrice")
    visitor.post("/subscribe/the-meridian", {"address": "reader0@example.org", "topics": ["x"]})
    facts = json.loads(visitor.get(f"{own}/data.json").content)
    assert facts["subscriptions"][0]["counted_since"]
    assert [(each["kind"], each["item"]) for each in facts["opened"]] == [("click", 3)]
    assert {each["words"] for each in facts["provider_said"]} == {"mailbox full", "no such user"}
    assert facts["suppressed_note"] == "said thrice"
    (request,) = facts["asked_for"]
    assert (request["address"], request["newsletters"]) == ("reader0@example.org", ["The Meridian"])
    assert "leave at any time" in request["wording"]


def test_what_is_known_by_a_former_address_is_among_the_data(visitor, own, here):
    # Given somebody who asked once, and moved to another address since
    visitor.post("/subscribe/the-meridian", {"address": "reader0@example.org"})
    assert [letter.kind for letter in answered()] == ["already"]
    move = signup.ask(signup.Asked(address="ada@example.net", newsletters=[here.newsletter]), here.subscriber)
    SignUp.objects.filter(pk=move.pk).update(status="mailed")
    move.refresh_from_db()
    assert confirm.move(move, timezone.now())
    facts = json.loads(visitor.get(f"{own}/data.json").content)
    # Then what they asked for then is told, and the letter that answered it
    assert (facts["address"], facts["moved_from"][0]["address"]) == ("ada@example.net", "reader0@example.org")
    assert len(facts["asked_for"]) == 2
    assert "already" in {each["kind"] for each in facts["letters"]}


def test_a_reader_is_forgotten_and_no_file_brings_them_back(visitor, own, here, open_newsletter, tmp_path):
    edition = builders.scheduled_edition(open_newsletter)
    Delivery.objects.create(
        edition=edition, subscriber=here.subscriber, address_key=here.subscriber.address_key, status="accepted",
        updated_at=timezone.now(),
    )  # fmt: skip
    assert "Please tick this first" in visitor.post(own, {"do": "erase"}).text
    assert "You are forgotten" in visitor.post(own, {"do": "erase", "sure": "1"}).text
    # Then nothing in any table names them, but the copy still counts
    everything = repr([list(model._default_manager.values()) for model in apps.get_models()])
    assert "reader0" not in everything
    assert "Reader 0" not in everything
    assert Delivery.objects.get().address_key == ""
    assert Suppression.objects.get().reason == "erased"
    # And neither the link nor an old file works any more
    assert visitor.get(own).status_code == 404
    file = tmp_path / "old.csv"
    file.write_text("email\nreader0@example.org\n")
    assert list(importer.import_csv(file, open_newsletter, None))[-1].counts["suppressed"] == 1
    assert not Subscriber.objects.filter(email__isnull=False).exists()


HOSTILE = [
    "",
    "a" * 100_000,
    "ada\0",
    "\ud800".encode("utf-8", "replace").decode(),
    "'\";{{7*7}}<svg/onload>",
    "\u202e",
]


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("deed", ["name", "address", "erase", "topics", "pause", "leave", "link", "nonsense"])
def test_no_field_breaks_a_page(visitor, path, own, deed, typed):
    values = {"do": deed, **dict.fromkeys(("name", "address", "sure", "topics", "weeks", "newsletter"), typed)}
    for each in (path, own):
        response = visitor.post(each, values)
        assert response.status_code == 200
        assert "<svg/onload" not in response.text
    if deed == "address":
        assert 'id="address-fault"' in visitor.post(own, values).text


def test_every_token_opens_its_own_pages_only_t11(visitor, here, open_newsletter):
    now = timezone.now()
    request = SignUp.objects.create(
        address="x@example.org", address_key="k", abuse_key="k", domain="", source="page", status="mailed"
    )
    move = SignUp.objects.create(
        address="y@example.org", address_key="l", abuse_key="l", domain="", source="move", status="mailed",
        subscriber=here.subscriber,
    )  # fmt: skip
    made = {
        "mail": tokens.token_for(here.public_id),
        **{
            purpose: fresh(purpose, row.public_id, now)
            for purpose, row in ((Purpose.CONFIRM, request), (Purpose.PERSONAL, here), (Purpose.ADDRESS, move))
        },
    }
    doors = {
        "/u/%s": "mail", "/p/%s": "mail", "/c/%s": Purpose.CONFIRM, "/a/%s": Purpose.ADDRESS,
        "/me/%s": Purpose.PERSONAL, "/me/%s/data.json": Purpose.PERSONAL,
    }  # fmt: skip
    for door, opens in doors.items():
        for purpose, token in made.items():
            assert visitor.get(door % token).status_code == (200 if purpose == opens else 404), (door, purpose)
    # The same ids, signed for another purpose's row, open nothing either
    assert visitor.get("/c/" + fresh(Purpose.CONFIRM, move.public_id, now)).status_code == 404
    assert visitor.get("/a/" + fresh(Purpose.ADDRESS, request.public_id, now)).status_code == 404
    late = now - LIFE[Purpose.PERSONAL] - timedelta(minutes=2)
    assert visitor.get("/me/" + fresh(Purpose.PERSONAL, here.public_id, late)).status_code == 404


def test_a_thousand_looks_of_scanners_change_no_row_t13(visitor, here, path, own):
    consent.add("more@example.org", "", here.newsletter, None, "")
    visitor.post(path, {"do": "link"})
    visitor.post("/subscribe/the-meridian", {"address": "new@example.org"})
    visitor.post(own, {"do": "address", "address": "moved@example.org"})
    doors = [path_in(letter) for letter in answered()] + [path, own, f"{own}/data.json", path.replace("/p/", "/u/")]
    before = repr([list(model._default_manager.order_by("pk").values()) for model in apps.get_models()])
    for _ in range(1000 // (4 * len(doors)) + 1):
        for door in doors:
            for ask in (visitor.get, visitor.head, visitor.options):
                assert ask(door).status_code in (200, 405)
            visitor.get(door, headers={"Sec-Purpose": "prefetch", "Purpose": "prefetch"})
    assert repr([list(model._default_manager.order_by("pk").values()) for model in apps.get_models()]) == before


def test_no_page_sets_a_cookie_or_asks_another_host(visitor, path, own):
    for response in (visitor.get(path), visitor.post(path), visitor.get(own), visitor.post(own)):
        assert not response.cookies
        assert not re.search(r'(?:src|srcset)="(?!/)', response.text)
        assert not re.search(r'<link rel="stylesheet" href="(?!/)', response.text)
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert response["X-Robots-Tag"] == "noindex"
        assert len(response.content) < 30_000
