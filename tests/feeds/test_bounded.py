"""Feeds made to harm die in the child, and the parent hardly notices (T-02, F-30)."""

import contextlib
import resource

import pytest

from newsletter.errors import NewsletterError
from newsletter.feeds import bounded, parse
from newsletter.feeds.draft import NotAFeed
from newsletter.feeds.values import FeedContent
from tests.feeds.feeds import numbered, rss

URL = "https://x.example/feed.xml"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
HEAD = b'<rss version="2.0"><channel><item><title>T</title><link>https://x.example/1</link>'
BOMBS = {
    "billion laughs": b'<!DOCTYPE rss [<!ENTITY l0 "lol">'
    + LAUGHS
    + b"]><rss><channel><title>&l9;</title></channel></rss>",
    "quadratic": b'<!DOCTYPE rss [<!ENTITY a "' + b"a" * 100_000 + b'">]><rss>' + b"&a;" * 10_000 + b"</rss>",
    "external entity": b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><channel><title>&a;</title></channel></rss>',
    "external dtd": b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss version="2.0"><channel><title>&a;</title>',
    "deep": HEAD + b"<a>" * 100_000,
    "deep content": HEAD + b"<description>" + b"&lt;div&gt;" * 100_000 + b"</description></item></channel></rss>",
    "one attribute": HEAD + b'<a b="' + b"x" * 3_000_000 + b'"/></item></channel></rss>',
    "attributes": HEAD + b"<a " + b"".join(b'a%d="" ' % n for n in range(10_000)) + b"/></item></channel></rss>",
    "open tags": HEAD + b"<" * 300_000,
    "escapes": HEAD + b"<description>" + b"&amp;" * 200_000 + b"lt;p</description></item></channel></rss>",
    "deep json": b'{"items": ' + b"[" * 200_000,
    "laughs in utf-16": (b'<!DOCTYPE rss [<!ENTITY l0 "lol">' + LAUGHS + b"]><rss/>").decode().encode("utf-16"),
    "parameter entities": b'<!DOCTYPE rss [<!ENTITY % a "b"><!ENTITY % c "%a;%a;">%c;]><rss version="2.0"/>',
    "laughs after a comment": b"<!-- " + b"x" * 5000 + b' --><!DOCTYPE rss [<!entity l0 "lol">' + LAUGHS + b"]><rss/>",
    "namespaces": HEAD + b"".join(b'<a xmlns:n%d="u%d">' % (n, n) for n in range(20_000)),
    "comments": HEAD + b"<!-- x -->" * 200_000,
    "instructions": HEAD + b"<?x y?>" * 200_000,
    "cdata": HEAD + b"<description>" + b"<![CDATA[x]]>" * 150_000 + b"</description></item></channel></rss>",
    "categories": HEAD + b"<category>x</category>" * 30_000 + b"</item></channel></rss>",
    "authors": HEAD + b"<dc:creator>a, b and c</dc:creator>" * 10_000 + b"</item></channel></rss>",
    "character references": HEAD + b"<description>" + b"&#60;" * 150_000 + b"</description></item></channel></rss>",
    "long date": HEAD + b"<pubDate>" + b"1 " * 200_000 + b"</pubDate></item></channel></rss>",
    "long json number": b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"9" * 1_000_000 + b"]}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_an_error_or_an_ordinary_feed(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content = FeedContent("", ())
    with contextlib.suppress(NewsletterError):
        content = bounded.read_feed(BOMBS[name], URL)
    assert len(content.title) <= 200
    assert "root:" not in content.title
    assert all("root:" not in entry.title and len(entry.dek) <= 320 for entry in content.entries)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.usefixtures("cold")
def test_a_feed_that_needs_too_much_memory_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MEMORY_BYTES", 90 * 1024 * 1024)
    with pytest.raises(bounded.Unreadable, match="limits on memory and time"):
        bounded.read_feed(b'<rss version="2.0"><channel>' + b"<a>" * 1_000_000, URL)


@pytest.mark.usefixtures("cold")
def test_a_feed_that_computes_too_long_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "CPU_SECONDS", 1)
    with pytest.raises(bounded.Unreadable, match="limits on memory and time"):
        bounded.read_feed(b'<rss version="2.0"><channel>' + b"<a>" * 1_000_000, URL)


@pytest.mark.usefixtures("cold")
def test_a_feed_that_takes_too_long_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "WALL_SECONDS", 0.01)
    with pytest.raises(bounded.Unreadable, match=r"limits on memory and time \(0\.01 seconds\)"):
        bounded.read_feed(rss(), URL)


def test_the_child_reads_as_the_parent_would() -> None:
    body = rss(*numbered(range(30), "<pubDate>Mon, 16 Nov 2026 05:00:00 GMT</pubDate>"))
    assert bounded.read_feed(body, URL) == parse.read_feed(body, URL)


def test_a_fault_of_ours_is_called_one_and_the_log_says_where(caplog: pytest.LogCaptureFixture) -> None:
    # Given a question that brings out a fault in the child
    with bounded.Child() as child, pytest.raises(bounded.Failed, match="newsletter itself failed to read") as caught:
        child.ask(b"", 20.0, what="poem", url=URL)
    # Then nobody is suspected
    assert "harm" not in str(caught.value)
    assert "Traceback" in caplog.text
    assert "KeyError: 'poem'" in caplog.text


def test_what_is_no_feed_keeps_its_words_and_its_hint() -> None:
    body = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed.rss"></head></html>'
    with pytest.raises(NotAFeed, match="is a web page") as caught:
        bounded.read_feed(body, URL)
    assert caught.value.hint == "Its feed is https://x.example/feed.rss"


def test_an_address_or_header_that_is_no_argument_does_no_harm() -> None:
    assert bounded.read_feed(rss(), "https://x.example/\0\ud800", "text/xml; charset=\0").title == "X"


def test_the_child_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.secret")
    assert "SG.secret" not in bounded._environment().values()


@pytest.mark.usefixtures("cold")
def test_while_many_are_read_a_child_is_kept_and_none_is_left_behind() -> None:
    with bounded.warm():
        assert bounded.read_feed(rss(*numbered(range(3))), URL).entries
        (kept,) = bounded._idle
        process = kept._process
        assert process is not None
        assert bounded.read_feed(rss(), URL).title == "X"
        assert kept._process is process
    assert bounded._idle == []
    assert process.poll() is not None


@pytest.mark.usefixtures("cold")
def test_a_child_that_died_at_rest_costs_nobody_a_turn() -> None:
    with bounded.warm():
        bounded.read_feed(rss(), URL)
        process = bounded._idle[0]._process
        assert process is not None
        process.kill()
        process.wait()
        assert bounded.read_feed(rss(), URL).title == "X"


@pytest.mark.usefixtures("cold")
def test_a_child_that_read_something_large_or_hostile_is_not_kept() -> None:
    with bounded.warm():
        bounded.read_feed(rss() + b" " * 1_100_000, URL)
        assert bounded._idle == []
        with pytest.raises(NotAFeed):
            bounded.read_feed(b"no feed", URL)
        assert bounded._idle == []
