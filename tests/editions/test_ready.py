"""A draft's pictures are made fit in the background: approving waits for nobody, and mails show our own files."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from newsletter.cli import main_group
from newsletter.editions import approve, draft, freeze, mark, ready
from newsletter.editions.models import Edition
from newsletter.feeds.models import Picture
from tests import builders
from tests.fakes.feed_site import FeedSite
from tests.feeds import paint

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PHOTO = paint.encoded(paint.photo(1600, 1000), "JPEG")


@pytest.fixture
def site() -> Iterator[FeedSite]:
    with FeedSite() as running:
        yield running


def photo(url: str) -> dict[str, Any]:
    return {"url": url, "width": 1600, "height": 1000, "alt": "A dam", "credit": "Bo Ek"}


def draft_with(*photos: str) -> Edition:
    newsletter = builders.make_newsletter()
    for number, url in enumerate(photos):
        builders.make_article(f"Story {number}", hours_ago=number + 1, image=photo(url))
    return draft.compose_special(newsletter).edition


def images_of(edition: Edition) -> list[Any]:
    edition.refresh_from_db()
    return [item["image"] for section in edition.snapshot["sections"] for item in section["items"]]


def test_a_bell_makes_a_drafts_pictures_and_approval_freezes_our_own_files(site: FeedSite) -> None:
    edition = draft_with(site.put("/lead.jpg", PHOTO), site.put("/small.jpg", PHOTO))
    assert ready.make_due() == 1
    approve.approve(edition, None)
    lead, small = images_of(edition)
    ours = f"{settings.SITE_URL}/i/"
    assert lead == photo(lead["url"]) | {"width": 1200, "height": 750, "source": site.url("/lead.jpg")}
    assert (small["width"], small["height"], small["credit"]) == (240, 160, "Bo Ek")
    html = freeze.preview(edition).html
    assert html.count(f'src="{ours}') == 2
    assert site.url("/") not in html


def test_bells_find_no_work_where_all_is_made_or_another_is_at_it(site: FeedSite) -> None:
    edition = draft_with(site.put("/lead.jpg", PHOTO))
    # While another worker has it
    Edition.objects.update(picturing_until=Now() + timedelta(minutes=1))
    assert ready.make_due() == 0
    # And once that one has died, it is done; then there is nothing left
    Edition.objects.update(picturing_until=Now() - timedelta(minutes=1))
    assert ready.make_due() == 1
    assert ready.make_due() == 0
    assert site.count("/lead.jpg") == 1
    # Nor in what is no draft any more
    Picture.objects.all().delete()
    approve.approve(edition, None)
    assert ready.make_due() == 0


def test_an_approval_waits_for_no_picture_and_says_what_is_missing(site: FeedSite) -> None:
    edition = draft_with(site.put("/lead.jpg", PHOTO), site.url("/gone.jpg"))
    assert ready.remarks(edition) == [
        "2 photos are not made fit for mail yet; approved now, the mail shows the publication's own."
    ]
    approve.approve(edition, None)
    assert [image["url"] for image in images_of(edition)] == [site.url("/lead.jpg"), site.url("/gone.jpg")]
    assert site.seen == []


def test_what_cannot_be_shown_is_told_left_out_and_tried_again_later(site: FeedSite) -> None:
    edition = draft_with(site.put("/lead.jpg", PHOTO), site.url("/gone.jpg"))
    ready.make_due()
    told = "“Story 1” goes without its picture: 127.0.0.1 answered 404 Not Found."
    assert ready.remarks(edition) == [told]
    assert ready.make_due() == 0
    # When ten minutes have passed and the photo is there
    Picture.objects.update(tried_at=timezone.now() - timedelta(minutes=11))
    site.put("/gone.jpg", PHOTO)
    assert ready.make_due() == 1
    assert ready.remarks(edition) == []


def test_a_picture_too_narrow_to_lead_is_left_out(site: FeedSite) -> None:
    edition = draft_with(site.put("/tiny.jpg", paint.encoded(paint.photo(300, 200), "JPEG")))
    assert ready.make(edition) == [
        "“Story 0” goes without its picture: It has only 300 pixels across, too few to lead."
    ]
    approve.approve(edition, None)
    assert images_of(edition) == [None]


def test_a_picture_made_meanwhile_is_no_change_to_the_one_who_approves(site: FeedSite) -> None:
    edition = draft_with(site.put("/lead.jpg", PHOTO))
    seen = freeze.draft_hash(edition)
    ready.make_due()
    approve.approve(edition, None, seen=seen)
    # Nor does another file of the same picture count as a difference afterwards
    Picture.objects.all().delete()
    assert mark.differences(Edition.objects.get()) == []


def test_the_command_line_makes_them_before_it_approves_or_previews(site: FeedSite, tmp_path: Path) -> None:
    edition = draft_with(site.put("/lead.jpg", PHOTO), site.url("/gone.jpg"))
    target = tmp_path / "mail.html"
    shown = CliRunner().invoke(main_group, ["edition", "preview", str(edition.pk), "--out", str(target)])
    assert "goes without its picture" in shown.output
    # The file shows the photo where no web is up
    assert target.read_text().count('src="data:image/jpeg;base64,') == 1
    done = CliRunner().invoke(main_group, ["edition", "approve", str(edition.pk)])
    assert "“Story 1” goes without its picture" in done.output
    assert images_of(edition)[0]["source"] == site.url("/lead.jpg")
