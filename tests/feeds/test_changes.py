"""What a publication changes later is written down, so that a correction after the send is seen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.feeds import changes
from newsletter.feeds.collect import collect
from newsletter.feeds.models import Article, Change, Feed
from tests.fakes.feed_site import FeedSite
from tests.feeds.feeds import item, rss

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def feed(site: FeedSite) -> Feed:
    site.fail("/a", 403)
    return Feed.objects.create(url=site.url("/feed.xml"))


def publish(site: FeedSite, feed: Feed, title: str, dek: str = "A dek.") -> Article:
    site.put("/feed.xml", rss(item(title, site.url("/a"), "g1", f"<description>{dek}</description>")))
    feed.refresh_from_db()
    assert collect(feed).error == ""
    return Article.objects.get()


def test_each_change_is_written_down_with_before_and_after(site: FeedSite, feed: Feed) -> None:
    publish(site, feed, "Teh story")
    article = publish(site, feed, "The story", "Another dek.")
    assert [change.fields for change in article.changes.all()] == [
        {"title": ["Teh story", "The story"], "dek": ["A dek.", "Another dek."]}
    ]
    publish(site, feed, "The story", "Another dek.")
    assert Change.objects.count() == 1


def test_since_a_moment_only_what_a_reader_sees_counts(site: FeedSite, feed: Feed) -> None:
    publish(site, feed, "Teh story")
    article = publish(site, feed, "The story")
    assert changes.since([article.pk], timezone.now() - timedelta(hours=1)) == {article.pk: ["title"]}
    assert changes.since([article.pk], timezone.now() + timedelta(hours=1)) == {}
    assert changes.since([], timezone.now() - timedelta(hours=1)) == {}
    Change.objects.update(fields={"topics": [[], ["Water"]]})
    assert changes.since([article.pk], timezone.now() - timedelta(hours=1)) == {}


def test_what_was_changed_and_changed_back_reads_as_it_did(site: FeedSite, feed: Feed) -> None:
    sent_at = timezone.now()
    for title in ("One", "Two", "Three", "One"):
        article = publish(site, feed, title)
    assert changes.since([article.pk], sent_at) == {}


def test_a_size_that_came_to_be_known_is_no_change_of_the_picture(site: FeedSite, feed: Feed) -> None:
    article = publish(site, feed, "A story")
    before = {"url": "https://x.example/a.jpg", "width": None, "height": None, "alt": "A dam", "credit": "Bo Ek"}
    Change.objects.create(article=article, fields={"image": [before, before | {"width": 1200}]})
    assert changes.since([article.pk], timezone.now() - timedelta(hours=1)) == {}
    Change.objects.create(article=article, fields={"image": [before, before | {"credit": "Cleo Stone"}]})
    assert changes.since([article.pk], timezone.now() - timedelta(hours=1)) == {article.pk: ["image"]}


def test_a_feed_that_cannot_make_up_its_mind_fills_no_table(
    site: FeedSite, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 3)
    for number in range(6):
        publish(site, feed, f"Title {number}")
    assert [change.fields["title"][1] for change in Change.objects.all()] == ["Title 3", "Title 4", "Title 5"]
