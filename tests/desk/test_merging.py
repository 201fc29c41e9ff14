"""Two who edit one entry: every field is merged, pictures and details like the words, and no stale form wins."""

import pytest
from django.urls import reverse
from lxml import html

from newsletter.editions import edit, history
from newsletter.editions.models import Item
from newsletter.feeds.models import Article

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ASIDE = {"X-Autosave": "1"}


@pytest.fixture
def editor(as_role):
    return as_role("editor")


@pytest.fixture
def event(edition):
    details = {"starts": "2026-12-03T13:00", "place": "Main Hall"}
    section = edition.newsletter.sections.get(slug="the-rest")
    return edit.add_written(edition, section, edit.Written("event", "A talk", "With wine.", details))


def opened(client, item):
    """Every field of the entry's form as the page has it, and the digests beside them."""
    page = client.get(reverse("desk-item", args=[item.edition_id, item.pk])).text
    form = html.fromstring(page).xpath("//form[@data-autosave]")[0]
    return {name: value or "" for name, value in form.form_values()}


def save(client, item, fields, **headers):
    return client.post(reverse("desk-item-edit", args=[item.edition_id, item.pk]), fields, headers=headers or ASIDE)


def test_a_headline_that_saves_itself_leaves_the_time_and_place_that_a_colleague_set(editor, sender, event):
    mine = opened(editor, event)
    theirs = opened(sender, event) | {"starts": "2026-12-03T18:30", "place": "Old Library"}
    assert save(sender, event, theirs).status_code == 200
    answer = save(editor, event, mine | {"headline": "A better talk"})
    assert answer.status_code == 200
    event.refresh_from_db()
    assert event.title == "A better talk"
    assert event.details["place"] == "Old Library"
    assert event.details["starts"].startswith("2026-12-03T18:30")
    # The page is told what stands there now, with the digests that the next save begins from
    told = answer.json()
    assert told["values"]["place"] == "Old Library"
    assert told["was"]["place"] == history.digest("Old Library")


def test_two_who_set_the_same_detail_are_shown_both(editor, sender, event):
    mine, theirs = opened(editor, event), opened(sender, event)
    save(sender, event, theirs | {"place": "Old Library"})
    answer = save(editor, event, mine | {"place": "Garden"})
    assert (answer.status_code, answer.json()["theirs"]) == (409, {"place": "Old Library"})


def test_a_credit_that_a_colleague_mended_is_not_set_back(editor, sender, edition):
    item = edition.items.get(section__slug="analysis", position=1)
    image = {"url": "https://meridian.example/p.jpg", "width": 900, "height": 600, "alt": "", "credit": "Adda Obi"}
    Article.objects.filter(pk=item.article_id).update(image=image)
    mine, theirs = opened(editor, item), opened(sender, item)
    save(sender, item, theirs | {"picture": "other", "credit": "Ada Obi"})
    save(editor, item, mine | {"headline": "Better"})
    item.refresh_from_db()
    assert (item.headline, item.image["credit"]) == ("Better", "Ada Obi")


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(editor, edition):
    words = {"note": "First", "was-note": history.digest("")}
    address = reverse("desk-words", args=[edition.pk])
    assert editor.post(address, words, headers=ASIDE).status_code == 200
    # The answer never came; the next save still begins from the empty note, and names what was sent
    again = editor.post(address, words | {"note": "First and second", "sent-note": "First"}, headers=ASIDE)
    assert again.status_code == 200
    edition.refresh_from_db()
    assert edition.note == "First and second"


def test_whoever_was_signed_out_is_told_and_keeps_the_page(as_role, edition):
    address = reverse("desk-words", args=[edition.pk])
    for header in ("X-Autosave", "HX-Request"):
        assert as_role(None).post(address, {"note": "x"}, headers={header: "true"}).status_code == 401
    # A page that only looks again by itself is told as well
    counts = reverse("desk-counts", args=[edition.pk])
    assert as_role(None).get(counts, headers={"HX-Request": "true"}).status_code == 401


def test_a_composer_that_stood_open_is_left_once_the_edition_is_a_draft_no_more(editor, edition):
    address = reverse("desk-edition", args=[edition.pk])
    asked = {"HX-Request": "true", "HX-Target": "work"}
    assert editor.get(address, headers=asked).status_code == 200
    type(edition).objects.update(status="approved", content_hash="x")
    answer = editor.get(address, headers=asked)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, address)


def test_the_same_words_twice_are_one_entry(editor, edition):
    section = edition.newsletter.sections.get(slug="the-rest")
    for _ in range(4):
        fields = {"kind": "note", "title": "", "dek": "Dear reader", "section": section.pk}
        editor.post(reverse("desk-write", args=[edition.pk]), fields)
    assert Item.objects.filter(edition=edition, type="note").count() == 1
