"""The demo's magazine over real HTTP: what its feeds carry and leave out, what its pages say."""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import html

from newsletter.errors import Unreachable
from newsletter.runtime.magazine import content, pictures
from newsletter.runtime.magazine.content import Article
from newsletter.runtime.magazine.server import Magazine, Running

NOW = datetime(2026, 11, 26, 12, 3, tzinfo=UTC)
ARTICLES = content.articles(NOW)
PICTURED = [article for article in ARTICLES if article.photo]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where every photo already is, none of them drawn, so that only the tests of pictures draw."""
    folder = tmp_path_factory.mktemp("photos")
    for article in PICTURED:
        (folder / f"{article.slug}.jpg").write_bytes(b"photo of " + article.slug.encode())
    return folder


@pytest.fixture(scope="module")
def site(photos: Path) -> Iterator[str]:
    running = Magazine(NOW, photos).serve()
    yield running.url
    running.stop()


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, address.path + (f"?{address.query}" if address.query else ""), headers=named)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def entries(site: str, path: str) -> dict[str, feedparser.FeedParserDict]:
    """The entries of a feed by their article's slug."""
    feed = feedparser.parse(get(f"{site}{path}")[2])
    assert not feed.bozo, feed.get("bozo_exception")
    return {urlsplit(entry.link).path.rpartition("/")[2]: entry for entry in feed.entries}


def linked_data(page: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(html.fromstring(page).xpath("string(//script[@type='application/ld+json'])"))
    return found


def test_the_magazine_is_a_week_and_a_half_of_four_kinds_and_five_topics() -> None:
    assert len(ARTICLES) >= 26
    assert {article.kind for article in ARTICLES} == set(content.KINDS)
    assert {topic for article in ARTICLES for topic in article.topics} == set(content.TOPICS)
    assert all(NOW - timedelta(days=10) < article.published_at <= article.updated_at < NOW for article in ARTICLES)
    assert any(len(article.authors) > 2 for article in ARTICLES)
    assert any(not article.photo for article in ARTICLES)
    assert any(article.photo and not article.photo.credit for article in ARTICLES)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_every_article_is_written_out(article: Article) -> None:
    assert 3 <= len(article.body.split("\n\n")) <= 5
    assert len(article.body.split()) >= 100
    assert article.title
    assert article.dek
    assert article.authors
    assert "{" not in article.body
    assert article.feeds <= set(content.FEEDS)
    assert article.feeds
    if article.photo:
        assert article.photo.scene in pictures.SCENES
        assert article.photo.alt
        assert article.photo.caption


def test_no_two_photos_are_the_same() -> None:
    drawn = [(article.photo.scene, article.photo.seed) for article in PICTURED if article.photo]
    assert len(set(drawn)) == len(drawn) >= 26


@pytest.mark.parametrize("feed", content.FEEDS)
def test_a_feed_carries_its_articles_without_what_they_omit(site: str, feed: str) -> None:
    found = entries(site, {"rss": "/feeds/feed.rss", "atom": "/feeds/notebook.atom"}[feed])
    assert set(found) == {article.slug for article in ARTICLES if feed in article.feeds}
    for article in ARTICLES:
        if feed in article.feeds:
            entry = found[article.slug]
            assert unescape(entry.title) == article.title
            assert [tag.term for tag in entry.tags] == [article.kind, *article.topics]
            assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == article.published_at
            assert_omits(entry, article, site)


def assert_omits(entry: feedparser.FeedParserDict, article: Article, site: str) -> None:
    has_byline = "byline" not in article.feed_omits
    names = [author.get("name") for author in entry.get("authors", []) if author]
    assert names == ([author.name for author in article.authors] if has_byline else [])
    assert unescape(entry.get("summary", "")) == ("" if "dek" in article.feed_omits else article.dek)
    shown = article.photo if "image" not in article.feed_omits else None
    assert [media["url"] for media in entry.get("media_content", [])] == (
        [f"{site}{article.photo_path}"] if shown else []
    )
    credits_ = [credit["content"] for credit in entry.get("media_credit", [])]
    assert credits_ == ([shown.credit] if shown and shown.credit else [])


def test_two_stories_are_in_both_feeds_under_different_links(site: str) -> None:
    rss, atom = entries(site, "/feeds/feed.rss"), entries(site, "/feeds/notebook.atom")
    shared = set(rss) & set(atom)
    assert len(shared) == 2
    for slug in shared:
        assert rss[slug].link != atom[slug].link
        assert rss[slug].id != atom[slug].id
        pages = [get(entry.link)[2] for entry in (rss[slug], atom[slug])]
        canonical = [html.fromstring(page).xpath("string(//link[@rel='canonical']/@href)") for page in pages]
        assert canonical[0] == canonical[1] == rss[slug].link.partition("?")[0]
    assert len(rss) > 1.5 * len(atom)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_a_page_says_what_its_front_matter_says(site: str, article: Article) -> None:
    status, headers, page = get(f"{site}{article.path}")
    data, tree = linked_data(page), html.fromstring(page)

    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert tree.xpath("normalize-space(//h1)") == data["headline"] == article.title
    assert tree.xpath("string(//meta[@property='og:description']/@content)") == data["description"] == article.dek
    assert data["articleSection"] == article.kind
    assert data["keywords"] == list(article.topics)
    assert datetime.fromisoformat(str(data["datePublished"])) == article.published_at
    assert data["author"] == [
        {"@type": "Person", "name": author.name} | ({"jobTitle": author.role} if author.role else {})
        for author in article.authors
    ]
    assert len(tree.xpath("//div[@class='text']/p")) == len(article.body.split("\n\n"))
    assert "Subscribe to our weekly round-up" in page.decode()


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_a_page_shows_its_photo_with_caption_and_credit(site: str, article: Article) -> None:
    page = get(f"{site}{article.path}")[2]
    image, tree = linked_data(page).get("image"), html.fromstring(page)
    if article.photo is None:
        assert image is None
        assert not tree.xpath("//figure")
        return
    assert isinstance(image, dict)
    assert image.get("creditText", "") == article.photo.credit
    assert tree.xpath("string(//figcaption/*[contains(@class, 'media-photo-credit')])") == article.photo.credit
    assert tree.xpath("string(//figcaption/*[@class='caption'])") == image["caption"] == article.photo.caption
    assert tree.xpath("string(//figure/img/@alt)") == article.photo.alt
    assert get(image["url"])[2] == b"photo of " + article.slug.encode()


def test_the_front_page_lists_every_story(site: str) -> None:
    page = html.fromstring(get(f"{site}/")[2])
    assert page.xpath("//h2/a/@href") == [f"{site}{article.path}" for article in ARTICLES]


def test_every_link_of_the_front_page_leads_somewhere(site: str) -> None:
    page = html.fromstring(get(f"{site}/")[2])
    links = set(page.xpath("//a/@href")) | set(page.xpath("//link[@rel='alternate']/@href"))
    assert {get(link)[0] for link in links} == {200}


@pytest.mark.parametrize("path", ["/feeds/feed.rss", "/feeds/notebook.atom"])
def test_an_unchanged_feed_is_not_sent_again(site: str, path: str) -> None:
    _, headers, _ = get(f"{site}{path}")

    assert get(f"{site}{path}", If_None_Match=headers["etag"])[::2] == (304, b"")
    assert get(f"{site}{path}", If_Modified_Since=headers["last-modified"])[::2] == (304, b"")
    assert get(f"{site}{path}", If_None_Match='"another"', If_Modified_Since=headers["last-modified"])[0] == 200
    assert get(f"{site}{path}", If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT")[0] == 200
    assert get(f"{site}{path}", If_Modified_Since="yesterday or so")[0] == 200


def test_head_answers_the_headers_alone(site: str) -> None:
    status, headers, body = get(f"{site}/feeds/feed.rss", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 10_000


@pytest.mark.parametrize("path", ["/nothing", "/media/../server.py", "/media/%2e%2e/server.py", "/media/none.jpg"])
def test_other_addresses_are_not_found(site: str, path: str) -> None:
    status, _, body = get(f"{site}{path}")
    assert status == 404
    assert b"There is nothing here" in body


def test_a_stopped_magazine_frees_its_port(photos: Path) -> None:
    running = Magazine(NOW, photos).serve()
    port = urlsplit(running.url).port or 0
    running.stop()
    running.stop()
    with pytest.raises(ConnectionRefusedError):
        get(running.url)
    again: Running = Magazine(NOW, photos).serve(port)
    again.stop()


def test_a_taken_port_is_one_clear_line(site: str, photos: Path) -> None:
    with pytest.raises(Unreachable, match="cannot listen on port"):
        Magazine(NOW, photos).serve(urlsplit(site).port or 0)
