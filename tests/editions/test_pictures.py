"""Pictures of an edition come from our own host, fit for their places; what cannot be shown is left out and told."""

from typing import Any

import pytest
from django.conf import settings

from newsletter.editions import pictures
from newsletter.editions.render import render
from newsletter.editions.snapshot import Snapshot
from tests.fakes.feed_site import FeedSite
from tests.feeds import paint
from tests.mail.samples import sample_week

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def site() -> Any:
    with FeedSite() as running:
        yield running


def week(site: FeedSite, *paths: str) -> Snapshot:
    """A week whose stories have the pictures at these paths, in the order of the mail, and no others."""
    snapshot: Any = sample_week()
    waiting = list(paths)
    for section in snapshot["sections"]:
        for item in section["items"]:
            path = waiting.pop(0) if waiting else ""
            item["image"] = (
                {"url": site.url(path), "width": None, "height": None, "alt": "A dam", "credit": "Bo Ek"}
                if path
                else None
            )
    return snapshot  # type: ignore[no-any-return] # a sample week with its pictures exchanged


def shown(snapshot: Snapshot) -> list[Any]:
    return [item.get("image") for section in snapshot["sections"] for item in section["items"]]  # type: ignore[attr-defined]


def test_each_place_gets_its_file_and_keeps_alt_and_credit(site: FeedSite) -> None:
    for path in ("/lead.webp", "/small.webp"):
        site.put(path, paint.encoded(paint.photo(1600, 1000), "WEBP"))
    snapshot = week(site, "/lead.webp", "/small.webp")
    assert pictures.make_fit(snapshot) == []
    lead, small, *others = shown(pictures.as_known(snapshot))
    assert (lead["width"], lead["height"], lead["alt"], lead["credit"]) == (1200, 750, "A dam", "Bo Ek")
    assert (small["width"], small["height"]) == (240, 160)
    assert {lead["url"].partition("/i/")[0], small["url"].partition("/i/")[0]} == {settings.SITE_URL}
    assert not any(others)


def test_what_cannot_be_shown_is_told_and_the_edition_can_be_sent(site: FeedSite) -> None:
    site.put("/lead.jpg", b"<h1>Oops</h1>")
    snapshot = week(site, "/lead.jpg", "/missing.jpg")
    told = pictures.make_fit(snapshot)
    assert [sentence.partition("goes without its picture: ")[2] for sentence in told] == [
        "It is no picture of a kind that mail can show (JPEG, PNG, WebP, AVIF, GIF).",
        "127.0.0.1 answered 404 Not Found.",
    ]
    fit = pictures.as_known(snapshot)
    assert shown(fit) == [None] * len(shown(snapshot))
    assert site.url("/") not in render(fit).html


def test_looking_fetches_nothing_and_leaves_what_was_never_made_fit(site: FeedSite) -> None:
    snapshot = week(site, "/lead.jpg")
    assert pictures.as_known(snapshot) == snapshot
    assert site.seen == []
