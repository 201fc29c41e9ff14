"""The composer: stories in and out with their reasons, two who edit at once, and steps that are taken back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletter.editions import history
from newsletter.editions.models import Pin
from newsletter.feeds import changes
from newsletter.feeds.models import Article, Feed
from newsletter.newsletters.models import AuditEntry, Staff
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ASIDE = {"X-Autosave": "1"}


@pytest.fixture
def item(edition):
    return edition.items.get(section__slug="analysis", position=1)


@pytest.fixture
def editor(as_role):
    return as_role("editor")


def page(client, edition, name="desk-edition"):
    return client.get(reverse(name, args=[edition.pk])).text


def was(**texts):
    return {**texts, **{f"was-{name}": history.digest(text) for name, text in texts.items()}}


def act(client, name, *args, **fields):
    return client.post(reverse(name, args=args), fields, follow=True).text


def titles(edition):
    return [item.title for item in edition.items.filter(dropped=False).select_related("article")]


def test_a_story_that_came_later_is_listed_with_its_reason_and_added(editor, edition):
    story = builders.make_article("Late news", hours_ago=1)
    assert "came after composing" in page(editor, edition, "desk-stories")
    act(editor, "desk-take", edition.pk, story.pk)
    assert "Late news" in titles(edition)
    assert "Late news" not in page(editor, edition, "desk-stories")


def test_a_story_is_dropped_into_a_place_of_a_section(editor, edition, item):
    story = builders.make_article("Late news", hours_ago=1)
    act(editor, "desk-take", edition.pk, story.pk, section=item.section_id, position=1)
    assert edition.items.get(article=story).position == 1
    item.refresh_from_db()
    assert item.position == 2


def test_a_story_is_pinned_and_held_and_the_list_says_so(editor, edition, newsletter):
    story = builders.make_article("Late news", hours_ago=1)
    act(editor, "desk-pin", edition.pk, story.pk, pinned="1")
    assert Pin.objects.get().article == story
    act(editor, "desk-pin", edition.pk, story.pk, pinned="0")
    act(editor, "desk-hold", edition.pk, story.pk, held="1")
    listed = page(editor, edition, "desk-stories")
    assert "held by an editor" in listed
    assert "Add: Late news" not in listed
    act(editor, "desk-hold", edition.pk, story.pk, held="0")
    assert "Add: Late news" in page(editor, edition, "desk-stories")


def test_holding_a_story_of_the_edition_takes_it_out(editor, edition, item):
    act(editor, "desk-hold", edition.pk, item.article_id, held="1")
    assert item.title not in titles(edition)


def test_stories_are_searched_by_their_title(editor, edition):
    builders.make_article("Of rivers", hours_ago=900)
    found = editor.get(reverse("desk-stories", args=[edition.pk]), {"words": "RIVER"}).text
    assert "Of rivers" in found
    assert "before this edition&#39;s time" in found


def test_an_address_that_is_known_is_added_without_reading_it_again(editor, edition):
    story = builders.make_article("Of rivers", hours_ago=900)
    said = messages_on(act(editor, "desk-add-address", edition.pk, url=story.url + "?utm_source=x"))
    assert said == ["“Of rivers” is in Analysis."]


@pytest.mark.parametrize("url", ["", "ftp://example.org/x", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused(editor, edition, url):
    (said,) = messages_on(act(editor, "desk-add-address", edition.pk, url=url))
    assert said
    assert Article.objects.count() == 4


def test_feeds_are_asked_now_and_the_list_looks_again_until_they_were(editor, edition):
    Feed.objects.update(due_at=timezone.now() + timezone.timedelta(hours=1))
    assert "hx-trigger" not in page(editor, edition, "desk-stories")
    assert messages_on(act(editor, "desk-collect", edition.pk)) == [
        "1 feed is asked now; new stories appear in the list by themselves."
    ]
    assert 'hx-trigger="every 3s"' in page(editor, edition, "desk-stories")


def test_a_story_that_changed_on_the_site_is_marked(editor, edition, item):
    assert "Changed on the site" not in page(editor, edition)
    changes.record(item.article, {"title": "Another title"})
    Article.objects.filter(pk=item.article_id).update(title="Another title")
    assert "Changed on the site since this was composed: title." in page(editor, edition)


def test_a_picture_gets_another_credit_and_keeps_its_size(editor, edition, item):
    image = {"url": "https://meridian.example/p.jpg", "width": 900, "height": 600, "alt": "", "credit": ""}
    Article.objects.filter(pk=item.article_id).update(image=image)
    fields = {"picture": "other", "image_url": image["url"], "credit": "Ada Obi", "alt": "A river"}
    act(editor, "desk-item-edit", edition.pk, item.pk, headline="H", dek="D", **fields)
    item.refresh_from_db()
    assert item.image == {**image, "credit": "Ada Obi", "alt": "A river"}
    act(editor, "desk-item-edit", edition.pk, item.pk, headline="H", dek="D", picture="none")
    item.refresh_from_db()
    assert item.image == {}


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"kind": "note", "title": "", "dek": "Dear reader"}, ""),
        ({"kind": "outside", "title": "Elsewhere", "outlet": "The Post", "url": "https://post.example/x"}, "Elsewhere"),
        ({"kind": "promotion", "title": "A book", "sponsor": "A press", "url": "https://press.example"}, "A book"),
    ],
)
def test_entries_are_written_by_hand(editor, edition, item, fields, title):
    act(editor, "desk-write", edition.pk, section=item.section_id, **fields)
    assert edition.items.get(type=fields["kind"]).title == title


def test_an_entry_that_lacks_something_is_refused_with_what_it_lacks(editor, edition, item):
    fields = {"section": item.section_id, "kind": "promotion", "title": "Book", "dek": "Of rivers", "url": ""}
    shown = editor.post(reverse("desk-write", args=[edition.pk]), fields)
    assert shown.status_code == 422
    assert messages_on(shown.text) == ["A promotion needs its sponsor. Nothing was added yet."]
    # and nothing that was typed is gone
    assert 'name="title" value="Book"' in shown.text
    assert ">Of rivers</textarea>" in shown.text
    # A script shows the words beside the button and leaves the form alone
    told = editor.post(reverse("desk-write", args=[edition.pk]), fields, headers={"HX-Request": "true"})
    assert (told.status_code, told.text) == (422, "A promotion needs its sponsor.")


def test_every_step_is_on_the_record_with_before_and_after(editor, edition, item):
    act(editor, "desk-item-edit", edition.pk, item.pk, headline="Better", dek="Shorter")
    entry = AuditEntry.objects.get(verb="edit")
    assert entry.staff.email == "editor@example.org"
    assert entry.detail["what"] == "Edited “Analysis 1”"
    assert entry.detail["changes"] == {
        f"item {item.pk} headline": ["", "Better"],
        f"item {item.pk} dek": ["", "Shorter"],
        "preheader": ["Analysis 1 · Analysis 2", "Better · Analysis 2"],  # it was only suggested, and follows
    }


def test_saving_what_is_there_is_no_step(editor, edition, item):
    act(editor, "desk-item-edit", edition.pk, item.pk, headline=item.title, dek=item.article.dek)
    assert not AuditEntry.objects.filter(verb="edit").exists()


def test_steps_are_undone_one_after_the_other(editor, edition, item):
    before = titles(edition)
    subject = edition.subject
    act(editor, "desk-item-drop", edition.pk, item.pk, dropped="1")
    act(editor, "desk-words", edition.pk, subject="Mine", preheader="", note="")
    story = builders.make_article("Late news", hours_ago=1)
    act(editor, "desk-take", edition.pk, story.pk)
    assert "Undo" in page(editor, edition)
    for _ in range(3):
        assert messages_on(act(editor, "desk-undo", edition.pk)) == []
    edition.refresh_from_db()
    assert titles(edition) == before
    assert edition.subject == subject
    assert messages_on(act(editor, "desk-undo", edition.pk)) == ["There is nothing of yours to undo."]


def test_nobody_undoes_what_another_did_or_went_on_from(editor, sender, edition, item):
    act(editor, "desk-item-edit", edition.pk, item.pk, headline="Mine", dek="")
    assert messages_on(act(sender, "desk-undo", edition.pk)) == ["There is nothing of yours to undo."]
    act(sender, "desk-item-edit", edition.pk, item.pk, headline="Theirs", dek="")
    (said,) = messages_on(act(editor, "desk-undo", edition.pk))
    assert "somebody went on from there" in said
    item.refresh_from_db()
    assert item.headline == "Theirs"


def test_two_who_edit_different_fields_are_merged(editor, sender, edition):
    opened = was(subject=edition.subject, preheader=edition.preheader, note="")
    act(sender, "desk-words", edition.pk, **{**opened, "note": "Dear reader"})
    answer = editor.post(reverse("desk-words", args=[edition.pk]), {**opened, "subject": "Mine"}, headers=ASIDE)
    assert answer.json()["values"] == {"subject": "Mine", "preheader": edition.preheader, "note": "Dear reader"}
    edition.refresh_from_db()
    assert (edition.subject, edition.note) == ("Mine", "Dear reader")


def test_two_who_edit_one_field_are_shown_both(editor, sender, edition):
    Staff.objects.filter(role="sender").update(name="Sam")
    opened = was(subject=edition.subject)
    act(sender, "desk-words", edition.pk, **{**opened, "subject": "Theirs"})
    answer = editor.post(reverse("desk-words", args=[edition.pk]), {**opened, "subject": "Mine"}, headers=ASIDE)
    assert answer.status_code == 409
    assert answer.json()["theirs"] == {"subject": "Theirs"}
    assert answer.json()["who"] == "Sam"
    # Without a script: a page that has both, and what it sends is saved
    shown = editor.post(reverse("desk-words", args=[edition.pk]), {**opened, "subject": "Mine"})
    assert shown.status_code == 409
    assert "Sam wrote: Theirs" in shown.text
    assert ">Mine</textarea>" in shown.text
    act(editor, "desk-words", edition.pk, subject="Mine", **{"was-subject": answer.json()["was"]["subject"]})
    edition.refresh_from_db()
    assert edition.subject == "Mine"


def test_a_save_by_itself_that_is_refused_says_why(editor, edition, item):
    item.edition.items.filter(pk=item.pk).update(article=None, type="outside", headline="X")
    answer = editor.post(
        reverse("desk-item-edit", args=[edition.pk, item.pk]), {"headline": "", "dek": ""}, headers=ASIDE
    )
    assert answer.status_code == 422
    assert answer.json() == {"fault": "It needs a title."}
