"""One address for one article: what is stored and what is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter.feeds import urls

BASE = "https://www.x.example/news/feed.rss"


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://x.example/a?utm_source=rss&utm_medium=feed&id=5", "https://x.example/a?id=5"),
        ("https://x.example/a?fbclid=1&gclid=2&mc_cid=3&mc_eid=4&igshid=5&ref_src=6", "https://x.example/a"),
        ("https://x.example/a?a=1&b=2&a=1", "https://x.example/a?a=1&b=2&a=1"),
        ("https://x.example/index.php?PHPSESSID=q&p=12", "https://x.example/index.php?PHPSESSID=q&p=12"),
        ("https://x.example/?q=ü&amp=1", "https://x.example/?q=%C3%BC&amp=1"),
        ("https://X.Example.:443/A/", "https://x.example/A/"),
        ("http://x.example:80/a#top", "http://x.example/a"),
        ("http://x.example:8080/a", "http://x.example:8080/a"),
        ("/story/1", "https://www.x.example/story/1"),
        ("story/1", "https://www.x.example/news/story/1"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("https://bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
        ("  https://x.example/a\nb c ", "https://x.example/ab%20c"),
        ("https://x.example/100%/a%20b", "https://x.example/100%/a%20b"),
        ("https://x.example/a?rebelltitem=2#rebelltitem2", "https://x.example/a"),
    ],
)
def test_tracking_goes_and_everything_real_stays(url: str, stored: str) -> None:
    assert urls.canonical(url, BASE) == stored


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "mailto:a@x.example", "ftp://x.example/a",
     "https://user:secret@x.example/", "https://user@x.example/", "https://", "https://[::1", "https://x.example:99999/",
     "https://x_y..example/", "https://exa mple/", "tag:x.example,2005:1", "https://x.example/" + "a" * 1000, "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address_of_an_article_is_none(url: str) -> None:
    assert urls.canonical(url) is None


@pytest.mark.parametrize(
    "other",
    ["http://x.example/a", "https://www.x.example/a", "https://m.x.example/a", "https://amp.x.example/a/", "https://x.example/a/amp",
     "https://x.example/a/amp/", "https://x.example/a?amp=1", "https://x.example/a?outputType=amp", "https://x.example:443/%61"],
)  # fmt: skip
def test_forms_of_one_address_compare_equal(other: str) -> None:
    assert urls.key(urls.canonical(other) or "") == urls.key("https://x.example/a")


@pytest.mark.parametrize(
    "other", ["https://x.example/A", "https://x.example/a?id=1", "https://y.example/a", "https://x.example/a/b"]
)
def test_other_articles_do_not(other: str) -> None:
    assert urls.key(other) != urls.key("https://x.example/a")


def test_a_site_and_its_subdomains_are_one_site() -> None:
    assert urls.same_host("https://www.x.example/", "http://m.x.example/")
    assert urls.same_host("https://news.x.example/", "https://x.example/")
    assert not urls.same_host("https://xx.example/", "https://x.example/")
    assert not urls.same_host("", "")


@given(some.text(max_size=60))
def test_any_text_is_an_address_or_none_and_stays_what_it_is(text: str) -> None:
    made = urls.canonical(text, BASE)
    if made is not None:
        assert urls.canonical(made) == made
        assert urls.key(made)
