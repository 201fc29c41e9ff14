"""What nobody should print unseen is held with its reason (F-29); an editor, or the page at last, lets it go."""

from typing import Any

import pytest

from newsletter.feeds import bounded, manage
from newsletter.feeds import harvest as harvesting
from newsletter.feeds.collect import collect
from newsletter.feeds.models import Article, Feed
from tests.fakes.feed_site import FeedSite
from tests.feeds.feeds import item, rss
from tests.feeds.test_collect import PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def collected(site: FeedSite, *items: str) -> list[Article]:
    feed, _ = Feed.objects.get_or_create(url=site.put("/feed.xml", rss(*items, link=site.url("/"))))
    feed.refresh_from_db()
    assert collect(feed).error == ""
    return list(Article.objects.order_by("url"))


@pytest.mark.parametrize("status", [404, 410])
def test_a_story_whose_page_is_gone_waits_until_it_answers(site: FeedSite, status: int) -> None:
    site.fail("/a", status)
    (article,) = collected(site, item(link=site.url("/a")))
    assert article.quarantine.startswith(f"Its page is gone: 127.0.0.1 answered {status}")
    assert article.held_at is not None
    site.put("/a", PAGE)
    (article,) = collected(site, item(link=site.url("/a")))
    assert (article.quarantine, article.held_at, article.dek) == ("", None, "What it means.")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_page_that_only_refuses_us_is_no_reason(site: FeedSite, status: int) -> None:
    site.fail("/a", status)
    (article,) = collected(site, item(link=site.url("/a")))
    assert (article.quarantine, article.held_at) == ("", None)


@pytest.mark.parametrize(
    ("more", "title", "says"),
    [
        (
            "<pubDate>Tue, 01 Jan 2999 10:00:00 GMT</pubDate>",
            "A story",
            "It is dated 01 January 2999, which is to come.",
        ),
        ("", "word " * 90, "Its title has 449 characters."),
    ],
    ids=["future", "title"],
)
def test_what_no_editor_would_have_written_is_held(site: FeedSite, more: str, title: str, says: str) -> None:
    site.put("/a", "<p>A page.</p>")
    (article,) = collected(site, item(title, site.url("/a"), more=more))
    assert article.quarantine == says
    assert article.published_at is None


def test_an_address_that_leads_to_the_front_page_is_held(site: FeedSite) -> None:
    site.redirect("/a", "/")
    site.put("/", "<title>X</title>")
    (article,) = collected(site, item(link=site.url("/a")))
    assert article.quarantine == "Its address leads to the front page."


def test_a_page_made_to_harm_costs_its_article_only(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    read = bounded.Child.read_page

    def bombed(self: bounded.Child, body: bytes, url: str, content_type: str = "") -> Any:
        if url.endswith("/bomb"):
            raise bounded.Unreadable(f"{url} could not be read within the limits on memory and time.")
        return read(self, body, url, content_type)

    monkeypatch.setattr(bounded.Child, "read_page", bombed)
    for path in ("/bomb", "/fine"):
        site.put(path, PAGE)
    bomb, fine = collected(site, item("Bomb", site.url("/bomb")), item("Fine", site.url("/fine")))
    assert "limits on memory and time" in bomb.quarantine
    assert (fine.quarantine, fine.dek) == ("", "What it means.")


def test_a_story_that_we_stumble_over_does_not_take_its_feed_along(
    site: FeedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = harvesting.merge

    def stumbling(entry: Any, *rest: Any) -> Any:
        if entry.title == "Poison":
            raise ZeroDivisionError
        return merge(entry, *rest)

    monkeypatch.setattr(harvesting, "merge", stumbling)
    site.put("/a", PAGE)
    site.put("/b", PAGE)
    fine, poison = collected(site, item("Fine", site.url("/a")), item("Poison", site.url("/b")))
    assert "newsletter itself failed on it" in poison.quarantine
    assert fine.quarantine == ""


def test_an_editor_decides_and_that_is_final(site: FeedSite) -> None:
    site.fail("/a", 404)
    (article,) = collected(site, item(link=site.url("/a")))
    manage.release(article.pk, None)
    (article,) = collected(site, item("A story, again", site.url("/a")))
    assert (article.quarantine, article.held_at) == ("", None)


def test_what_an_editor_holds_is_not_let_go_by_its_page(site: FeedSite) -> None:
    site.fail("/a", 404)
    (article,) = collected(site, item(link=site.url("/a")))
    manage.hold(article.pk, None)
    site.put("/a", PAGE)
    (article,) = collected(site, item(link=site.url("/a")))
    assert article.quarantine == ""
    assert article.held_at is not None
