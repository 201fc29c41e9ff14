"""After leaving: a day to take it back, and a reason from whoever wants to give one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.subscribers import choices, consent, former, suppression, tokens
from newsletter.subscribers.models import Consent, Subscriber, Subscription
from newsletter.tracking import erase
from tests import builders
from tests.pages.conftest import answered, path_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def path(open_newsletter):
    (reader,) = builders.add_readers(open_newsletter, 1)
    return f"/u/{tokens.token_for(reader.public_id)}"


def status():
    return Subscription.objects.get().status


def test_leaving_is_taken_back_within_a_day(visitor, path):
    assert "That was a mistake" in visitor.post(path).text
    assert "Welcome back" in visitor.post(f"{path}/undo").text
    assert status() == "active"
    assert list(Consent.objects.order_by("pk").values_list("status", "detail")) == [
        ("unsubscribed", ""),
        ("active", "undo"),
    ]


def test_after_a_day_it_cannot_be_taken_back(visitor, path):
    visitor.post(path)
    Subscription.objects.update(unsubscribed_at=timezone.now() - timedelta(hours=24, minutes=1))
    assert "That was a mistake" not in visitor.get(path).text
    assert "You have left" in visitor.post(f"{path}/undo").text
    assert status() == "unsubscribed"


def test_a_pause_that_is_not_over_comes_back_with_the_reader(visitor, path):
    choices.pause(Subscription.objects.get(), 8, timezone.now())
    until = Subscription.objects.get().paused_until
    visitor.post(path)
    assert "Everything is as it was" in visitor.post(f"{path}/undo").text
    assert (status(), Subscription.objects.get().paused_until) == ("paused", until)


@pytest.mark.parametrize("why", ["complained", "erased"])
def test_who_may_not_be_mailed_is_offered_no_way_back(visitor, path, why):
    reader = Subscriber.objects.get()
    if why == "erased":
        erase.erase(reader)
    else:
        suppression.decide(reader.address_key, "complaint", "", None)
        visitor.post(path)
    assert "That was a mistake" not in visitor.get(path).text
    assert "You have left" in visitor.post(f"{path}/undo").text
    assert status() == "unsubscribed"
    visitor.post(f"{path}/why", {"words": "I am Ada"})
    assert Consent.objects.filter(detail="I am Ada").exists() == (why != "erased")


def test_undo_makes_no_reader_of_whoever_never_was_one(visitor, path):
    Subscription.objects.update(status="pending")
    visitor.post(f"{path}/undo")
    assert status() == "pending"


def test_a_reason_is_kept_as_evidence(visitor, path):
    visitor.post(path)
    assert (
        "Thank you for telling us"
        in visitor.post(f"{path}/why", {"reason": "often", "words": "Once a month, please"}).text
    )
    assert Consent.objects.last().detail == "often: Once a month, please"
    # Once each time that somebody leaves, however often it is pressed
    for _ in range(3):
        visitor.post(f"{path}/why", {"reason": "never"})
    assert Consent.objects.count() == 2
    visitor.post(f"{path}/undo")
    visitor.post(path)
    visitor.post(f"{path}/why", {"reason": "reading"})
    assert Consent.objects.last().detail == "reading"


def test_what_is_pressed_elsewhere_after_leaving_takes_no_reason_away(visitor, path):
    # Given somebody who left, with the page of their choices still open
    Subscription.objects.update(counted_since=timezone.now())
    visitor.post(path)
    choices = path.replace("/u/", "/p/")
    builders.make_article("A story", topics=["Africa"])
    assert "Your topics are kept." not in visitor.post(choices, {"do": "topics", "topics": ["Africa"]}).text
    visitor.post(choices, {"do": "do-not-count"})
    visitor.post(choices, {"do": "count"})
    # When they say why
    visitor.post(f"{path}/why", {"reason": "often"})
    # Then that is kept, and nothing was chosen or agreed to after the end
    assert list(Consent.objects.order_by("id").values_list("status", "detail")) == [
        ("unsubscribed", ""),
        ("unsubscribed", "took back personal counting"),
        ("unsubscribed", "often"),
    ]
    assert Subscription.objects.values_list("topic_set", "counted_since").get() == ("", None)


@pytest.mark.parametrize("words", ["x" * 100_000, "\0\r\n\u202e", "<script>alert(1)</script>", "@@TOKEN@@"])
def test_hostile_reasons_stay_words(visitor, path, words):
    visitor.post(path)
    response = visitor.post(f"{path}/why", {"reason": words, "words": words})
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert Consent.objects.last().detail.isprintable()


def test_nobody_gives_a_reason_for_a_reader_who_stays(visitor, path):
    visitor.post(f"{path}/why", {"reason": "often"})
    assert not Consent.objects.exists()


def test_the_page_masks_the_address_and_offers_the_newsletter(visitor, path):
    page = visitor.get(path).text
    assert "r•••@example.org" in page
    assert "reader0" not in page
    assert "/subscribe/the-meridian" in page


def test_looking_at_undo_and_why_changes_nothing(visitor, path):
    visitor.post(path)
    for each in (f"{path}/undo", f"{path}/why"):
        assert {ask(each).headers["Location"] for ask in (visitor.get, visitor.head)} == {path}
        assert visitor.options(each).status_code == 405
    assert (status(), Consent.objects.count()) == ("unsubscribed", 1)


def test_a_press_after_leaving_says_so_and_brings_nothing_back(sign_up, visitor):
    # Given somebody who confirmed, moved to another address and left
    sign_up()
    path = path_in(answered()[0])
    visitor.post(path)
    reader = Subscription.objects.select_related("subscriber").get()
    former.moved(reader.subscriber, "another key", timezone.now())
    Subscriber.objects.update(email="ada@example.net", address_key="another key")
    assert "Welcome" in visitor.get(path).text
    consent.unsubscribe(reader, Consent.Source.PAGE)
    # When they press the old letter's button again, by whatever way
    for answer in (visitor.get(path), visitor.post(path)):
        # Then nobody is told that it comes
        assert "Welcome" not in answer.text
        assert "you have left since" in answer.text
        assert 'href="/subscribe/the-meridian"' in answer.text
    assert Subscription.objects.get().status == "unsubscribed"
