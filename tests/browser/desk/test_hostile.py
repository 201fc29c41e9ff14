"""A hundred hostile texts from a feed, on every page of an edition: no dialog, no foreign request (S-03)."""

import pytest

from newsletter.editions import draft, edit
from newsletter.feeds import collect, manage
from newsletter.feeds.models import Article, Feed
from newsletter.newsletters.models import AuditEntry
from tests import builders
from tests.browser.desk.vectors import VECTORS
from tests.feeds import hostile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
HOVER = "document.querySelectorAll('*').forEach(each => each.dispatchEvent(new MouseEvent('mouseover')))"
IN_ONE = 37  # entries that fit below the limit of a mail


def test_there_are_a_hundred():
    assert len(set(VECTORS)) >= 100


@pytest.mark.parametrize("part", range(0, len(VECTORS), IN_ONE))
def test_nothing_runs_and_nothing_is_asked_of_others(as_staff, newsletter, part):
    # Given stories that are all hostile, in every field that a feed fills
    Article.objects.all().delete()
    for number, evil in enumerate(VECTORS[part : part + IN_ONE]):
        story = builders.make_article(f"Story {part + number}", hours_ago=1 + number / 100)
        image = {"url": "https://evil.example/p.gif?" + evil, "width": 9, "height": 9, "alt": evil, "credit": evil}
        fields = {"title": evil[:500], "dek": evil, "byline": [{"name": evil[:200], "role": evil[:200]}]}
        Article.objects.filter(pk=story.pk).update(**fields, kind=evil[:60], topics=[evil[:60]], image=image)
    edition = draft.compose_special(newsletter).edition
    for story in Article.objects.exclude(items__edition=edition)[:8]:
        edit.add_article(edition, story)
    evil = VECTORS[part]
    edit.edit_words(edition, subject=evil[:200], preheader=evil[:200], note="\n\n".join(VECTORS[part : part + IN_ONE]))
    detail = {"what": evil, "changes": {evil: [evil, evil]}}
    AuditEntry.objects.create(verb="edit", subject=f"edition {edition.pk}", detail=detail)
    tab = as_staff("sender")
    # When an editor looks at all of it, opens entries, and moves the mouse over everything
    item = edition.items.first().pk
    base = f"/desk/editions/{edition.pk}"
    pages = ("", f"/items/{item}", "/check", "/look", "/report", "/preview.html")
    for path in ("/desk/", "/desk/log", *(f"{base}{page}" for page in pages)):
        tab.goto(path)
        tab.wait_for_load_state("networkidle")
        if not path.endswith(".html"):  # there no script may run, ours included
            tab.evaluate(HOVER)
        assert tab.locator("script:not([src])").count() == 0, path
    # Then nothing happened: `as_staff` tells of dialogs, foreign requests and broken scripts


def test_nothing_runs_of_a_feed_that_an_enemy_wrote(as_staff, newsletter):
    Article.objects.all().delete()
    with hostile.EnemySite() as site:
        home = site.url("").rstrip("/")
        manage.add(site.put("/feed.atom", hostile.atom(home, 0)), manage.Wishes())
        (collected,) = collect.collect_all(Feed.objects.filter(url__startswith=home))
    assert collected.new > hostile.STORIES / 2
    edition = draft.compose_special(newsletter).edition
    tab = as_staff("sender")
    for path in ("", "/preview.html"):
        tab.goto(f"/desk/editions/{edition.pk}{path}")
        assert tab.get_by_text("Story 1 ").count() > 0
    tab.goto("/desk/feeds")
    tab.evaluate(HOVER)
