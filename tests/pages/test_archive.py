"""Past editions: for everybody, without a word that is one reader's."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter
from newsletter.pages import wording
from newsletter.subscribers import tokens
from newsletter.subscribers.models import Wording
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

Archive = Newsletter.Archive
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = 'Why "</script><script>alert(1)</script>" @@TOKEN@@ {{ 7*7 }}'


@pytest.fixture
def newsletter():
    return builders.make_newsletter()


@pytest.fixture
def edition(newsletter):
    return builders.sent_edition(newsletter)


@pytest.fixture
def page(edition):
    return f"/archive/the-meridian/{edition.number}"


def rows():
    """Everything in every table."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def test_an_edition_is_printed_with_its_stories_each_with_one_link(client, page):
    text = client.get(page).text
    assert "Story 0 of the-meridian" in text
    assert text.count('href="https://meridian.example/story-0-of-the-meridian"') == 1
    assert "No. 1" in text


def test_the_headline_stands_once_whether_the_subject_is_the_leads_or_its_own(client, edition, page):
    for subject in (edition.subject, "Three ways to cross a strait"):
        snapshot = {**edition.snapshot, "edition": {**edition.snapshot["edition"], "subject": subject}}
        lead = snapshot["sections"][0]["items"][0]
        Edition.objects.update(subject=subject, snapshot={**snapshot, "note": "Dear reader."})
        body = client.get(page).text.partition("<body")[2]
        assert body.count("<h1") == 1
        assert (body.count(f">{subject}<"), body.count(f">{lead['title']}<")) == (1, 1)


def test_no_reader_is_in_the_page(client, page, newsletter):
    (reader,) = builders.add_readers(newsletter, 1)
    text = client.get(page).text
    assert "@@" not in text
    assert "/u/" not in text
    assert tokens.token_for(reader.public_id) not in text


@pytest.mark.parametrize("path", ["", "feed", "1"])
def test_nothing_is_asked_of_anybody_else_and_no_cookie_is_set(client, edition, path):
    response = client.get(f"/archive/the-meridian/{path}")
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert "public" in response["Cache-Control"]
    assert "max-age=60" in response["Cache-Control"]
    assert not re.search(r'src="(?!/)', response.text)


def test_looking_changes_nothing(client, edition):
    paths = ["/archive/", "/archive/the-meridian/", "/archive/the-meridian/1", "/archive/the-meridian/feed"]
    paths += ["/sitemap.xml", "/robots.txt", f"/e/{edition.public}"]
    before = rows()
    for path in paths:
        assert client.get(path).status_code in (200, 302)
        assert client.head(path).status_code in (200, 302)
        assert client.post(path).status_code == 405
    assert rows() == before


@pytest.mark.parametrize("status", ["draft", "approved", "scheduled", "planning", "held", "cancelled"])
def test_what_did_not_go_out_is_not_there(client, edition, page, status):
    Edition.objects.update(status=status)
    assert client.get(page).status_code == 404
    assert client.get(f"/e/{edition.public}").status_code == 404
    assert "Story" not in client.get("/archive/the-meridian/").text
    assert "<entry>" not in client.get("/archive/the-meridian/feed").text
    assert f"/{edition.number}<" not in client.get("/sitemap.xml").text


def test_an_unlisted_archive_shows_an_edition_to_whoever_has_its_link(client, edition, page):
    Newsletter.objects.update(archive=Archive.UNLISTED)
    response = client.get(f"/e/{edition.public}")
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    assert [client.get(path).status_code for path in (page, "/archive/the-meridian/feed")] == [404, 404]
    assert "the-meridian" not in client.get("/sitemap.xml").text + client.get("/archive/").text


def test_without_an_archive_nothing_is_shown(client, edition, page):
    Newsletter.objects.update(archive=Archive.NONE)
    paths = [page, f"/e/{edition.public}", "/archive/the-meridian/", "/archive/the-meridian/feed"]
    assert {client.get(path).status_code for path in paths} == {404}


def test_the_mails_link_leads_to_the_public_address(client, edition, page):
    assert client.get(f"/e/{edition.public}")["Location"] == page


@pytest.mark.parametrize("public", ["0" * 16, "f" * 16, "xyz", "1", "%2e%2e", "0" * 15 + "G"])
def test_an_unknown_public_id_is_not_found(client, edition, public):
    assert client.get(f"/e/{public}").status_code == 404


def test_hostile_words_stay_words(client, newsletter):
    edition = builders.sent_edition(newsletter)
    snapshot = edition.snapshot
    snapshot["edition"]["subject"] = snapshot["sections"][0]["items"][0]["title"] = HOSTILE
    Edition.objects.update(snapshot=snapshot, subject=HOSTILE, preheader=HOSTILE)
    for path in ("/archive/the-meridian/1", "/archive/the-meridian/", "/archive/the-meridian/feed"):
        text = client.get(path).text
        assert "<script>alert" not in text
        assert "49" not in re.findall(r"Why.*?token", text)


def test_search_engines_are_told_what_it_is(client, edition, page):
    text = client.get(page).text
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text).group(1))
    assert data["@type"] == "PublicationIssue"
    assert data["hasPart"][0]["headline"] == "Story 0 of the-meridian"
    assert f'<link rel="canonical" href="{data["url"]}">' in text
    assert f'<meta property="og:url" content="{data["url"]}">' in text


def test_a_correction_stands_above_the_edition_and_with_it(client, edition, page, newsletter):
    Edition.objects.update(marks=[{"at": "2026-11-28T09:00:00+00:00", "text": "The bridge is in Port Ellis."}])
    child = Edition.objects.create(
        newsletter=newsletter, kind="correction", parent=edition, number=2, subject="Where the bridge is",
        stories_from=timezone.now(), stories_until=timezone.now(), status="sent", started_at=timezone.now(),
        snapshot={**edition.snapshot, "sections": []},
    )  # fmt: skip
    text = client.get(page).text
    assert "Correction of Saturday 28 November 2026" in text
    assert text.index("The bridge is in Port Ellis.") < text.index("<h1")
    assert f'href="/e/{child.public}"' in text
    assert f'href="/e/{edition.public}"' in client.get(f"/e/{child.public}").text
    assert "Where the bridge is" not in client.get("/archive/the-meridian/").text


def test_the_list_is_newest_first_and_turns_its_pages(client, newsletter):
    first = builders.sent_edition(newsletter)
    Edition.objects.bulk_create(
        Edition(
            newsletter=newsletter, kind="special", number=number, subject=f"Week {number}", status="sent",
            snapshot=first.snapshot, stories_from=timezone.now(), stories_until=timezone.now(),
        )
        for number in range(2, 53)
    )  # fmt: skip
    newest = client.get("/archive/the-meridian/").text
    assert newest.index("Week 52") < newest.index("Week 51")
    assert first.subject not in newest
    assert "Older editions" in newest
    assert first.subject in client.get("/archive/the-meridian/?page=2").text
    assert client.get("/archive/the-meridian/?page=99999999999999999999").status_code == 200


def test_the_feed_is_atom_with_the_latest_editions(client, edition, page):
    response = client.get("/archive/the-meridian/feed")
    assert response["Content-Type"].startswith("application/atom+xml")
    (entry,) = ET.fromstring(response.content).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == edition.subject
    assert entry.find(f"{ATOM}link").get("href").endswith(page)


def test_the_feed_is_as_rfc_4287_wants_it_and_its_words_stay_words(client, edition):
    # Given an edition whose words look like markup
    said = 'Who lost <b>Q&A</b> & "why" <3'
    Edition.objects.update(subject=said, preheader=said)
    feed = ET.fromstring(client.get("/archive/the-meridian/feed").content)
    # Then the feed and each entry have what §4.1.1 and §4.1.2 ask for
    for each in (feed, entry := feed.find(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert [found.text for found in each.findall(f"{ATOM}{name}")] not in ([], [None])
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "The Meridian"
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["alternate", "self"]
    # and a reader's program shows what stands in the mail
    title, summary = entry.find(f"{ATOM}title"), entry.find(f"{ATOM}summary")
    assert (title.get("type"), title.text) == (None, said)
    assert summary.get("type") == "html"
    assert html.fromstring(f"<p>{summary.text}</p>").text_content() == said


def test_the_sitemap_names_every_public_page_and_robots_names_it(client, edition, page):
    locations = [each.text for each in ET.fromstring(client.get("/sitemap.xml").content).iter() if each.text]
    assert any(location.endswith(page) for location in locations)
    robots = client.get("/robots.txt").text
    assert "Disallow: /u/" in robots
    assert robots.strip().endswith("/sitemap.xml")


def test_an_empty_archive_says_what_will_stand_there(client, newsletter):
    assert "The first edition will stand here." in client.get("/archive/the-meridian/").text


def test_several_newsletters_are_listed_and_a_single_one_is_opened(client, newsletter):
    assert client.get("/archive/")["Location"] == "/archive/the-meridian/"
    builders.make_newsletter("The Parallel")
    text = client.get("/archive/").text
    assert text.index("The Meridian") < text.index("The Parallel")


def test_a_french_newsletter_speaks_french_and_its_neighbour_english(client, newsletter):
    Newsletter.objects.update(language="fr")
    builders.sent_edition(Newsletter.objects.get())
    text = client.get("/archive/the-meridian/").text
    assert '<html lang="fr"' in text
    assert "Numéros parus" in text
    builders.make_newsletter("The Parallel")
    assert "Past editions" in client.get("/archive/the-parallel/").text


def test_a_language_that_we_do_not_speak_gets_english_words_around_its_own(client, newsletter):
    Newsletter.objects.update(language="pt-BR")
    builders.sent_edition(Newsletter.objects.get())
    text = client.get("/archive/the-meridian/1").text
    assert '<html lang="en"' in text
    assert '<article lang="pt-BR"' in text


@pytest.mark.parametrize("path", ["/archive/the-meridian/", "/archive/the-meridian/1"])
def test_past_editions_offer_the_newsletter_where_it_may_be_signed_up_for(client, edition, path):
    assert "<form" not in client.get(path).text
    Newsletter.objects.update(privacy_url="https://meridian.example/privacy", language="fr")
    page = client.get(path).text
    assert 'action="/subscribe/the-meridian"' in page
    # What is printed there is what is kept as agreed to
    terms = wording.box_of(Newsletter.objects.get()).terms[0]
    assert " ".join(terms.sentences) in page
    assert "le jeudi" in page
    client.post("/subscribe/the-meridian", {"address": "ada@example.org"})
    kept = Wording.objects.get().text
    assert all(sentence in kept for sentence in terms.sentences)


def test_the_page_is_small(client, page):
    assert len(client.get(page).content) < 30_000


def test_a_page_is_made_once_a_minute_and_the_same_for_all(client, edition, page, settings, time_machine):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    time_machine.move_to("2030-01-01", tick=False)
    first = client.get(page)
    with CaptureQueriesContext(connection) as asked:
        again = Client().get(page)
    assert (again.content, len(asked)) == (first.content, 0)
    Edition.objects.update(marks=[{"at": "2026-11-28T09:00:00+00:00", "text": "The bridge is in Port Ellis."}])
    time_machine.shift(61)
    assert "The bridge is in Port Ellis." in client.get(page).text
    cache.clear()


def test_a_desk_cookie_changes_nothing(edition, page):
    assert Client().get(page).content == Client(headers={"Cookie": "sessionid=abc"}).get(page).content


def test_on_paper_an_edition_has_no_forms_and_no_ways_to_other_pages():
    sheet = Path(finders.find("newsletter/newsletter.css")).read_text()
    paper = sheet[sheet.index("@media print {") :]
    hidden = re.search(r"([^{}]*)\{ display: none; \}", paper)
    assert hidden
    assert {each.strip() for each in hidden[1].split(",")} >= {"form", ".turn"}
