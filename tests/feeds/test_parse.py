"""Feeds as they are in the wild become entries, or say clearly why not."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsletter.feeds import draft
from newsletter.feeds.draft import NotAFeed
from newsletter.feeds.parse import read_feed
from newsletter.feeds.values import Entry, FeedContent, Image, Person, from_json, to_json
from tests.feeds.feeds import atom, item, numbered, rss

URL = "https://x.example/news/feed.xml"
GROUP = """<media:group><media:content url="/s.jpg" width="300"/><media:content url="/l.jpg" width="1500"/>
</media:group>
<media:credit>Jane Doe</media:credit>"""
INLINE = """<description><![CDATA[<img src="/pixel.gif" width="1"><img src="/d.jpg" alt="A dam" data-credit="Bo Ek">
Text]]>
</description>"""
THUMBNAIL = """<media:thumbnail url="/a.jpg?w=150"/>
<description>&lt;img src="/a-1024x683.jpg" width="1024" alt="A dam"&gt;</description>"""


def only(body: bytes, content_type: str = "") -> Entry:
    (entry,) = read_feed(body, URL, content_type).entries
    return entry


def test_an_rss_item_with_everything() -> None:
    body = rss(
        item(
            "A &amp;amp; B",
            "https://www.x.example/a?utm_source=feed",
            "g1",
            "<dc:creator>By Jane Doe and Bo Ek</dc:creator><dc:creator>Ann Lee</dc:creator>"
            "<category>Analysis</category><category><![CDATA[ Middle East ]]></category>"
            "<description>&lt;p&gt;What it &lt;b&gt;means&lt;/b&gt;.&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>Long text.</p>]]></content:encoded>"
            '<media:content url="https://cdn.example/a.jpg" medium="image" width="1200" height="800">'
            "<media:credit>Photo: Cleo Stone</media:credit></media:content>"
            "<pubDate>Mon, 16 Nov 2026 05:00:00 -0500</pubDate>",
        )
    )
    assert only(body) == Entry(
        guid="g1",
        url="https://www.x.example/a",
        title="A & B",
        dek="What it means.",
        byline=(Person("Jane Doe"), Person("Bo Ek"), Person("Ann Lee")),
        categories=("Analysis", "Middle East"),
        image=Image("https://cdn.example/a.jpg", 1200, 800, "", "Cleo Stone"),
        published_at=datetime(2026, 11, 16, 10, tzinfo=UTC),
    )


def test_an_atom_entry_with_everything() -> None:
    body = atom(
        "<entry><id>tag:x.example,2026:1</id><title type='html'>A &amp;lt;i&amp;gt;b&amp;lt;/i&amp;gt;</title>"
        "<link rel='alternate' href='/a'/><link rel='enclosure' type='image/jpeg' href='/a.jpg'/>"
        "<author><name>Jane Doe</name></author><author><name>Bo Ek</name></author><category term='Africa'/>"
        "<summary>A dek.</summary><published>2026-11-16T10:00:00Z</published>"
        "<updated>2026-11-17T10:00:00Z</updated></entry>"
    )
    assert only(body) == Entry(
        guid="tag:x.example,2026:1",
        url="https://x.example/a",
        title="A b",
        dek="A dek.",
        byline=(Person("Jane Doe"), Person("Bo Ek")),
        categories=("Africa",),
        image=Image("https://x.example/a.jpg"),
        published_at=datetime(2026, 11, 16, 10, tzinfo=UTC),
        updated_at=datetime(2026, 11, 17, 10, tzinfo=UTC),
    )


def test_an_rdf_feed() -> None:
    body = (
        b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"<channel rdf:about='https://x.example/'><title>X</title><link>https://x.example/</link></channel>"
        b"<item rdf:about='https://x.example/a'><title>A</title><link>https://x.example/a</link>"
        b"<dc:creator>Jane Doe</dc:creator><dc:date>2026-11-16T10:00:00+01:00</dc:date></item></rdf:RDF>"
    )
    entry = only(body)
    assert (entry.title, entry.byline) == ("A", (Person("Jane Doe"),))
    assert entry.published_at == datetime(2026, 11, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "authors", ['"author": {"name": "Jane Doe"}', '"authors": [{"name": "Jane Doe"}]'], ids=["version 1", "version 1.1"]
)
def test_a_json_feed(authors: str) -> None:
    body = (
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "X", {authors}, "items": [{{"id": 7, "url": "/a",'
        '"title": "A &amp; B",'
        '"content_html": "<p>It began with a letter that nobody had asked for, in the spring.</p>",'
        '"image": "/a.jpg", "date_published": "2026-11-16T10:00:00-05:00", "tags": ["Opinion"]}]}'
    ).encode()
    assert only(body) == Entry(
        guid="7",
        url="https://x.example/a",
        title="A & B",
        dek="It began with a letter that nobody had asked for, in the spring.",
        dek_is_cut=True,
        byline=(Person("Jane Doe"),),
        categories=("Opinion",),
        image=Image("https://x.example/a.jpg"),
        published_at=datetime(2026, 11, 16, 15, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n  \n" + rss(item()),
        b"\xef\xbb\xbf" + rss(item()),
        rss(item("\n    <![CDATA[\n   A   story ]]>\n")),
        rss(item(link="\n <![CDATA[ https://x.example/a ]]> ")),
        rss(item()).replace(b"</channel></rss>", b""),
        rss(item()) + b"<item><title>Broken off",
        rss(item()).replace(b"utf-8", b"utf-16"),
        rss(item()).decode().replace("utf-8", "utf-16").encode("utf-16"),
        b"<?xml-stylesheet href='x'?>" + rss(item()).partition(b"?>")[2],
        b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://x.invalid/d">' + rss(item()).partition(b"?>")[2],
        rss(item(more="<description>a &undefined; b & c \x0b</description>")),
        rss(item("A story<b></b>")),
        rss(item(), "<item><title></title><link>https://x.example/b</link></item>"),
        rss(item(), item("Second", "javascript:alert(1)")),
    ],
    ids=["space before", "bom", "cdata title", "cdata link", "unclosed", "broken off", "says utf-16", "utf-16",
         "stylesheet", "doctype", "entities", "markup", "empty title", "bad link"],
)  # fmt: skip
def test_untidy_feeds_give_their_story(body: bytes) -> None:
    entry = read_feed(body, URL).entries[0]
    assert (entry.title, entry.url) == ("A story", "https://x.example/a")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("iso-8859-1", "Café à gogo"), ("windows-1252", "“Café” – naïve"), ("iso-8859-2", "Łódź i Gdańsk"),
     ("windows-1251", "Москва"), ("koi8-r", "Москва"), ("shift_jis", "東京の話"), ("euc-jp", "東京の話"),
     ("gb2312", "北京新闻"),
     ("big5", "台北新聞"), ("euc-kr", "서울 소식"), ("iso-2022-jp", "東京の話"), ("utf-16-le", "Zürich")],
)  # fmt: skip
def test_encodings_are_read_as_declared(encoding: str, text: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    body = mark + rss(item(text)).decode().replace('"utf-8"', f'"{encoding}"').encode(encoding)
    assert only(body).title == text


def test_the_servers_charset_helps_where_the_feed_says_nothing() -> None:
    body = rss(item("Café")).decode().replace(' encoding="utf-8"', "").encode("iso-8859-1")
    assert only(body, "text/xml; charset=iso-8859-1").title == "Café"


def test_a_wrong_charset_of_the_server_does_not_spoil_utf_8() -> None:
    assert only(rss(item("Café")), "text/xml; charset=iso-8859-1").title == "Café"


@pytest.mark.parametrize(
    ("more", "image"),
    [
        ('<media:thumbnail url="/t.jpg" width="800"/>', Image("https://x.example/t.jpg", 800)),
        ('<enclosure url="/e.jpg" type="image/jpeg" length="1"/>', Image("https://x.example/e.jpg")),
        ('<enclosure url="/e.mp3" type="audio/mpeg" length="1"/><itunes:image href="/i.jpg"/>', None),
        (
            GROUP,
            Image("https://x.example/l.jpg", 1500, credit="Jane Doe"),
        ),
        ('<media:content url="/v.mp4" medium="video"/>', None),
        (
            '<media:thumbnail url="http://x.files.wordpress.com/a.jpg?w=150"/>',
            Image("http://x.files.wordpress.com/a.jpg?w=1200", 1200),
        ),
        (
            INLINE,
            Image("https://x.example/d.jpg", alt="A dam", credit="Bo Ek"),
        ),
        (
            THUMBNAIL,
            Image("https://x.example/a-1024x683.jpg", 1024, alt="A dam"),
        ),
        ('<media:content url="javascript:alert(1)" medium="image"/>', None),
    ],
)
def test_pictures_where_feeds_have_them(more: str, image: Image | None) -> None:
    assert only(rss(item(more=more))).image == image


def test_a_credit_is_taken_only_where_it_surely_belongs() -> None:
    pictures = "".join(f'<media:content url="/{n}.jpg" width="900"/>' for n in range(3))
    credits_ = "<media:credit>One</media:credit><media:credit>Two</media:credit>"
    image = only(rss(item(more=pictures + credits_))).image
    assert image
    assert image.credit == ""


@pytest.mark.parametrize(
    "date", ["", "<pubDate>yesterday</pubDate>", "<pubDate></pubDate>", "<pubDate>31 June 2026</pubDate>"]
)
def test_a_missing_or_unreadable_date_is_none(date: str) -> None:
    assert only(rss(item(more=date))).published_at is None


def test_feedburners_links_lead_to_the_article() -> None:
    more = "<feedburner:origLink>https://x.example/real</feedburner:origLink>"
    assert only(rss(item(link="http://feedproxy.google.com/~r/x/1", more=more))).url == "https://x.example/real"


def test_a_guid_that_is_a_permalink_stands_in_for_a_missing_link() -> None:
    assert only(rss("<item><title>A</title><guid>https://x.example/p</guid></item>")).url == "https://x.example/p"


def test_relative_links_start_at_xml_base_or_the_feed() -> None:
    assert only(rss(item(link="story"))).url == "https://x.example/news/story"
    body = atom(
        "<entry><id>1</id><title>A</title><link href='a'/></entry>", attributes='xml:base="https://y.example/d/"'
    )
    assert only(body).url == "https://y.example/d/a"


def test_a_feed_served_by_somebody_else_starts_links_at_its_site() -> None:
    body = atom(
        "<entry><id>1</id><title>A</title><link href='/a'/></entry>", head='<link href="https://site.example/"/>'
    )
    assert only(body).url == "https://site.example/a"


def test_what_cannot_be_taken_is_counted_with_the_reason() -> None:
    body = rss(
        item(""), item("No link", ""), item("Mail", "mailto:a@x.example"), item("Fine", "https://x.example/f"),
        item("Fine again", "http://www.x.example/f/"),
    )  # fmt: skip
    content = read_feed(body, URL)
    assert [entry.title for entry in content.entries] == ["Fine"]
    assert content.dropped == (
        "no title (https://x.example/a)", "no usable link (No link)", "no usable link (Mail)",
        "twice in the feed (Fine again)",
    )  # fmt: skip


def test_a_guid_shared_by_several_stories_identifies_none() -> None:
    entries = read_feed(
        rss(item("A", "https://x.example/a", "same"), item("B", "https://x.example/b", "same")), URL
    ).entries
    assert [entry.guid for entry in entries] == ["x.example/a", "x.example/b"]


def test_at_most_two_thousand_entries_are_taken() -> None:
    content = read_feed(rss(*numbered(range(2010))), URL)
    assert len(content.entries) == 2000
    assert content.dropped == ("10 entries beyond the newest 2000",)


def test_of_too_many_entries_the_newest_are_taken_where_the_oldest_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "MOST_ITEMS", 5)
    dated = [f"<pubDate>{day} Nov 2026 05:00:00 GMT</pubDate>" for day in range(1, 9)]
    items = [item(f"Day {day}", f"https://x.example/{day}", more=more) for day, more in enumerate(dated, 1)]
    content = read_feed(rss(item("Some day", "https://x.example/0"), *items), URL)
    assert [entry.title for entry in content.entries] == [f"Day {day}" for day in range(4, 9)]
    assert content.dropped == ("4 entries beyond the newest 5",)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read_feed(rss(), URL) == FeedContent("X", ())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b"  \n ", "is empty"),
        (b"<!doctype html><html><body>Not found</body></html>", "is a web page, not a feed"),
        (b"<!-- cached --><HTML><body>", "is a web page, not a feed"),
        (b'{"items": 1}', "not a JSON Feed"),
        (b'{"items": [', "it is broken"),
        (b"[" * 100_000, "it is broken"),
        (b"\x89PNG\r\n\x1a\n\0", "a picture"),
        (b"%PDF-1.7", "a PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "XML or HTML of another sort"),
        (b"hello", "text or data of another sort"),
        (gzip.compress(b"hello", mtime=0), "text or data of another sort"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel></channel></rss>', "defines entities"),
        ('<!DOCTYPE rss [<!ENTITY a "b">]><rss/>'.encode("utf-16"), "defines entities"),
    ],
)
def test_what_is_no_feed_says_what_it_seems_to_be(body: bytes, says: str) -> None:
    with pytest.raises(NotAFeed, match=says):
        read_feed(body, URL)


def test_a_web_page_that_names_its_feed_is_a_hint() -> None:
    body = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed.rss"></head></html>'
    with pytest.raises(NotAFeed) as caught:
        read_feed(body, URL)
    assert caught.value.hint == "Its feed is https://x.example/feed.rss"


@pytest.mark.parametrize("body", [b"/etc/passwd", b"http://127.0.0.1:1/feed", b"file:///etc/passwd"])
def test_a_body_that_is_a_path_or_an_address_is_not_opened(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read_feed(body, URL)


def test_markup_and_control_characters_in_fields_become_text() -> None:
    entry = only(rss(item("&lt;img src=x onerror=alert(1)&gt;A\u202e story", guid="g&#13;&#10;1")))
    assert entry.title == "A story"
    assert entry.guid == "g 1"


def test_content_survives_the_way_out_of_the_child() -> None:
    content = read_feed(rss(*numbered(range(3), "<pubDate>Mon, 16 Nov 2026 05:00:00 GMT</pubDate>")), URL)
    assert from_json(to_json(content)) == content


def test_the_digest_changes_with_the_entry_only() -> None:
    entry = only(rss(item()))
    assert entry.digest == only(rss(item())).digest
    assert entry.digest != replace(entry, title="Another").digest
