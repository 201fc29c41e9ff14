"""Photos for mails: fetched once through the guard, kept by content, served from our own host for ever."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from newsletter.feeds import fetch, images
from newsletter.feeds.images import Fitted, Unfit, Want
from newsletter.feeds.models import Picture, PictureFile
from tests.fakes.feed_site import FeedSite
from tests.feeds import paint

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PHOTO = paint.encoded(paint.photo(1600, 1000), "WEBP")


def fitted(url: str, width: int, height: int = 0) -> Fitted:
    made = images.fit(url, width, height)
    assert isinstance(made, Fitted), made
    return made


def path_of(picture: Fitted) -> str:
    return picture.url.removeprefix(settings.SITE_URL)


def body_of(client: Client, picture: Fitted) -> bytes:
    return b"".join(client.get(path_of(picture)))


def test_a_lead_and_a_small_picture_are_made_of_one_photo(site: FeedSite, client: Client) -> None:
    url = site.put("/a.webp", PHOTO, content_type="image/webp")
    lead, small = fitted(url, 1200), fitted(url, 240, 160)
    assert (lead.width, lead.height, lead.source_width) == (1200, 750, 1600)
    assert (small.width, small.height) == (240, 160)
    assert len(body_of(client, lead)) <= 120_000
    assert len(body_of(client, small)) <= 20_000
    assert lead.url.startswith("https://news.example.org/i/")


def test_every_cache_may_keep_it_for_ever(site: FeedSite, client: Client) -> None:
    answer = client.get(path_of(fitted(site.put("/a.webp", PHOTO), 1200)))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies
    assert "Vary" not in answer


def test_it_is_fetched_once_and_a_get_fetches_nothing(site: FeedSite, client: Client) -> None:
    url = site.put("/a.webp", PHOTO)
    first = fitted(url, 1200)
    site.remove("/a.webp")
    assert fitted(url, 1200) == first
    assert images.known([Want(url, 1200), Want(url, 240)]) == {Want(url, 1200): first}
    for path in (path_of(first), f"/i/{'0' * 40}.jpg"):
        client.get(path)
    assert site.count("/a.webp") == 1


def test_another_photo_at_the_same_address_gets_another_name(site: FeedSite) -> None:
    url = site.put("/a.jpg", paint.encoded(paint.photo(900, 600), "JPEG"))
    before = fitted(url, 1200)
    site.put("/a.jpg", paint.encoded(paint.gradient(900, 600), "JPEG"))
    Picture.objects.update(tried_at="2026-01-01T00:00:00Z")
    after = fitted(url, 1200)
    assert after.url != before.url
    assert images.file(before.url.rpartition("/")[2]), "a mail that went out still shows it"


def test_the_same_photo_at_two_addresses_is_one_file(site: FeedSite) -> None:
    one, other = (fitted(site.put(path, PHOTO), 1200) for path in ("/a.webp", "/b.webp"))
    assert one.url == other.url
    assert PictureFile.objects.count() == 1


def test_a_photo_that_was_fit_once_outlives_its_address(site: FeedSite) -> None:
    url = site.put("/a.webp", PHOTO)
    first = fitted(url, 1200)
    site.fail("/a.webp", 503)
    Picture.objects.update(tried_at="2026-01-01T00:00:00Z")
    assert fitted(url, 1200) == first
    assert "503" in Picture.objects.get().reason


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>Not found</html>", "no picture of a kind"),
        (paint.encoded(paint.photo(900, 600), "JPEG")[:5000], "is broken"),
        (paint.png_of_size(9000, 5000), "45 million pixels"),
    ],
    ids=["a page", "cut off", "a bomb"],
)
def test_what_cannot_be_shown_is_a_reason_and_is_not_asked_again_at_once(
    site: FeedSite, body: bytes, says: str
) -> None:
    url = site.put("/a.jpg", body)
    for _ in range(3):
        made = images.fit(url, 1200)
        assert isinstance(made, Unfit)
        assert says in made.reason
    assert site.count("/a.jpg") == 1


def test_a_missing_picture_says_so_and_is_tried_again_later(site: FeedSite) -> None:
    url = site.url("/a.jpg")
    assert images.fit(url, 1200) == Unfit("127.0.0.1 answered 404 Not Found.")
    site.put("/a.jpg", PHOTO)
    Picture.objects.update(tried_at=Picture.objects.get().tried_at - timedelta(minutes=11))
    fitted(url, 1200)


def test_a_picture_heavier_than_the_limit_is_not_taken_in(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "SOURCE_BYTES", 1024 * 1024)
    made = images.fit(site.put("/a.jpg", b"\xff\xd8" + b"x" * 1_100_000), 1200)
    assert made == Unfit("127.0.0.1 sent more than 1 MiB, which is the limit.")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:image/png;base64,AA", "", "x" * 2000]
)
def test_what_is_no_web_address_is_not_even_looked_up(url: str) -> None:
    assert images.fit(url, 1200) == Unfit("Its address is no web address.")
    assert not Picture.objects.exists()


def test_a_private_address_is_refused_as_for_every_fetch(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    url = site.put("/a.jpg", PHOTO)
    get = fetch.get
    monkeypatch.setattr(fetch, "get", lambda request: get(fetch.Request(request.url, private=False)))
    made = images.fit(url, 1200)
    assert isinstance(made, Unfit)
    assert site.seen == []


def test_a_whole_edition_is_made_side_by_side_and_a_dead_host_costs_its_own_only(
    site: FeedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "SOURCE_SECONDS", 0.5)
    fine = [Want(site.put(f"/{number}.jpg", PHOTO), 240, 160) for number in range(4)]
    with FeedSite() as other:
        dead = [Want(other.hang(f"/{number}.jpg").replace("127.0.0.1", "localhost"), 1200) for number in range(20)]
        made = images.fit_all([*dead, *fine])
        assert len(other.seen) <= 3 + 4
    assert all(isinstance(made[want], Fitted) for want in fine)
    assert all(isinstance(made[want], Unfit) for want in dead)


def test_when_the_time_is_up_the_edition_goes_on_without(site: FeedSite) -> None:
    want = Want(site.put("/a.jpg", PHOTO), 1200)
    assert images.fit_all([want], seconds=0.0) == {want: Unfit("There was no time to fetch it.")}


@pytest.mark.parametrize(
    "name",
    [
        "x.jpg",
        "../" * 4 + "etc/passwd",
        "..%2f..%2fnewsletter.sqlite3",
        f"{'0' * 40}.svg",
        f"{'0' * 40}.jpg",
        f"{'0' * 40}.jpg%00",
        ".",
    ],
)
def test_nothing_else_of_the_disk_is_served(client: Client, name: str) -> None:
    assert client.get(f"/i/{name}").status_code == 404


def test_the_door_takes_nothing_but_looking(site: FeedSite, client: Client) -> None:
    path = path_of(fitted(site.put("/a.webp", PHOTO), 240, 160))
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405
