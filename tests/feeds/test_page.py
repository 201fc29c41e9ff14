"""An article's page, as the CMSes write it, gives what an editor would write down."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.feeds.page import read_page, without_site
from newsletter.feeds.values import Image, PageFacts, Person

PAGES = Path(__file__).parent / "pages"


def page(name: str, url: str) -> PageFacts:
    return read_page((PAGES / name).read_bytes(), url, "text/html")


def html(head: str = "", body: str = "", url: str = "https://x.example/a") -> PageFacts:
    return read_page(f"<html><head>{head}</head><body>{body}</body></html>".encode(), url)


def test_a_rebelmouse_page_gives_every_field() -> None:
    facts = page("rebelmouse.html", "https://www.harbour.example/ceasefire-cost/?utm_source=rss")
    assert facts == PageFacts(
        url="https://www.harbour.example/ceasefire-cost/",
        title="What a ceasefire would cost",
        dek="Nobody has asked the accountants yet, and they have an answer.",
        byline=(Person("Ann Quay", "research fellow"), Person("Ben Moor")),
        categories=("Analysis", "Middle East", "QiOSK"),
        image=Image(
            "https://www.harbour.example/media-library/a-quay-at-dawn.jpg?id=5310&width=1200",
            1200,
            600,
            "A grey quay with two cranes",
            "Cleo Stone / Harbour Pictures",
        ),
        published_at=datetime(2026, 11, 17, 10, 5, tzinfo=UTC),
        updated_at=datetime(2026, 11, 18, 9, tzinfo=UTC),
        site_name="Harbour Review",
    )


def test_a_wordpress_page_with_yoast_gives_both_authors_and_the_credit() -> None:
    facts = page("wordpress.html", "https://coastal.example/?p=123")
    assert facts.url == "https://coastal.example/2026/11/long-way-round/"
    assert facts.title == "The Long Way Round: “We just kept sailing”"
    assert facts.dek == "How a ferry line outlived three governments."
    assert facts.byline == (Person("Eve Lagoon"), Person("Finn O'Shore"))
    assert facts.categories == ("Features", "Transport")
    assert facts.image == Image(
        "https://coastal.example/wp-content/uploads/ferry.jpg",
        1600,
        900,
        "A white ferry under low cloud",
        "Dana Reef/Reuters",
    )


def test_a_ghost_page_with_a_broken_json_block_still_gives_its_fields() -> None:
    facts = page("ghost.html", "https://tide.example/small-boats/")
    assert facts.title == "Small boats, big seas"
    assert facts.dek == "Quotas were never written for them."
    assert facts.byline == (Person("Gil Marsh"),)
    assert facts.categories == ("Opinion", "Fisheries")
    assert facts.image == Image(
        "https://tide.example/content/images/2026/11/boats.jpg",
        2000,
        1333,
        "Three red dinghies",
        "Hal Skerry / Unsplash",
    )


def test_a_plain_page_is_read_from_what_is_visible() -> None:
    facts = page("plain.html", "https://ledger.example/essays/patience.html")
    assert facts.title == "On patience"
    assert facts.dek == "A short defence of waiting."
    assert facts.byline == (Person("Ida Fjord", "senior editor"), Person("Jon Bay Jr."))
    assert facts.image == Image("https://ledger.example/photos/clock.jpg", 900, 600, "A station clock", "")
    assert facts.published_at == datetime(2026, 11, 18, 20, tzinfo=UTC)


def test_a_caption_without_words_of_credit_is_no_credit() -> None:
    facts = html(body='<figure><img src="/a.jpg" alt=""><figcaption>Two men on a pier.</figcaption></figure>')
    assert facts.image
    assert facts.image.credit == ""


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A tank near the border. (AP Photo/Jane Doe)", "AP Photo/Jane Doe"),
        ("The president speaks. Photo: Jane Doe", "Jane Doe"),
        ("The harbour. Image courtesy of the Port Authority", "the Port Authority"),
        ("Soldiers in March (shutterstock/ Jane Doe)", "shutterstock/ Jane Doe"),
        ("Credit: Jane Doe", "Jane Doe"),
        ("A photo of my mother.", ""),
        ("The court (left) and the bank.", ""),
    ],
)
def test_credit_words_in_a_caption(caption: str, credit: str) -> None:
    facts = html(body=f'<figure><img src="/a.jpg" alt="x"><figcaption>{caption}</figcaption></figure>')
    assert facts.image
    assert facts.image.credit == credit


@pytest.mark.parametrize(
    ("said", "credit"),
    [
        ("(Photo: Reuters/Jane Roe)", "Reuters/Jane Roe"),
        ("Jane Doe (AFP)", "Jane Doe (AFP)"),
        ("Photo credit: Jane Doe (AFP).", "Jane Doe (AFP)"),
        ("(Jane Doe) and (Bo Ek)", "(Jane Doe) and (Bo Ek)"),
    ],
)
def test_a_credit_that_stands_behind_its_picture_is_its_own(said: str, credit: str) -> None:
    behind = f'<small class="media-caption">A soldier.</small><small class="media-photo-credit">{said}</small>'
    facts = html(body=f'<article><picture><img src="/a.jpg" alt="x"></picture>{behind}<p>Words.</p></article>')
    assert facts.image
    assert facts.image.credit == credit


@pytest.mark.parametrize("between", ["<p>Words.</p>", '<img src="/b.jpg">', "<div><img src='/b.jpg'></div>"])
def test_a_credit_behind_something_else_is_not_taken(between: str) -> None:
    behind = f'{between}<small class="media-photo-credit">Jane Doe</small>'
    facts = html(body=f'<article><picture><img src="/a.jpg" alt="x"></picture>{behind}</article>')
    assert facts.image
    assert facts.image.credit == ""


def test_an_address_that_asks_for_a_width_tells_it() -> None:
    facts = html(head='<meta property="og:image" content="/media-library/a.jpg?id=1&amp;width=1200&amp;height=600">')
    assert facts.image
    assert facts.image.width == 1200


def test_another_pictures_credit_is_not_taken() -> None:
    facts = html(
        head='<meta property="og:image" content="/lead.jpg">',
        body='<figure><img src="/inside.jpg"><figcaption>Photo: Jane Doe</figcaption></figure>',
    )
    assert facts.image == Image("https://x.example/lead.jpg")


def test_a_canonical_address_on_another_site_is_not_believed() -> None:
    facts = html(head='<link rel="canonical" href="https://evil.example/a">')
    assert facts.url == "https://x.example/a"


def test_a_theme_that_calls_every_article_its_front_page_is_not_believed() -> None:
    assert html(head='<link rel="canonical" href="https://x.example/">').url == "https://x.example/a"


@pytest.mark.parametrize(
    "image", ["javascript:alert(1)", "data:image/png;base64,AAAA", "ftp://x.example/a.jpg", "//[/a.jpg"]
)
def test_a_picture_that_is_not_on_the_web_is_none(image: str) -> None:
    assert html(head=f'<meta property="og:image" content="{image}">').image is None


def test_icons_pixels_and_advertisements_are_no_lead_picture() -> None:
    body = (
        '<img src="/pixel.gif" width="1" height="1"><img src="https://ad.doubleclick.net/x">'
        '<img src="/icon.png" width="48">'
        '<img src="/real.jpg" width="800">'
    )
    facts = html(body=f"<article>{body}</article>")
    assert facts.image
    assert facts.image.url == "https://x.example/real.jpg"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("The bridge | Harbour Review", "The bridge"),
        ("The bridge - harbour.example", "The bridge"),
        ("Harbour Review: The bridge", "Harbour Review: The bridge"),
        ("Harbour Review » The bridge", "The bridge"),
        ("Left - Right", "Left - Right"),
        ("Either/or – and why", "Either/or – and why"),
    ],
)
def test_the_sites_name_is_no_part_of_a_title(title: str, shown: str) -> None:
    assert without_site(title, ["Harbour Review", "harbour.example"]) == shown


@pytest.mark.parametrize(
    "body",
    [b"", b"\x89PNG\r\n\x1a\n\0\0", b"<", b"{}", b"<div>" * 100_000,
     b'<script type="application/ld+json">' + b"[" * 100_000,
     b"<p>\xff\xfe\x00\x00", b"<html><head><title>" + b"&lt;b&gt;" * 50_000],
    ids=["empty", "picture", "bracket", "json", "deep", "deep json", "bad bytes", "long title"],
)  # fmt: skip
def test_pages_that_are_none_or_made_to_harm_give_little_and_raise_nothing(body: bytes) -> None:
    facts = read_page(body, "https://x.example/a")
    assert facts.byline == ()
    assert "<" not in facts.title


def test_markup_in_meta_elements_is_text() -> None:
    title = "&lt;script&gt;alert(1)&lt;/script&gt;A &amp;amp; B&lt;b&gt;!&lt;/b&gt;"
    assert html(head=f'<meta property="og:title" content="{title}">').title == "A & B!"


@pytest.mark.parametrize(
    ("title", "headline", "read"),
    [
        ("A story | Opinion | The X", "A story", "A story"),
        ("A story: and its end", "A story", "A story: and its end"),
        ("A story | Part two", "Another", "A story | Part two"),
        ("A story", "The X", "A story"),
    ],
)
def test_the_visible_headline_ends_a_title_that_goes_on(title: str, headline: str, read: str) -> None:
    assert html(head=f"<title>{title}</title>", body=f"<h1>{headline}</h1>").title == read
