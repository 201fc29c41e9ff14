"""What takes a while is done by a worker: asked for once however often it is pressed, told while it lasts (T-31)."""

import re

import pytest
import redis
from celery import signals
from django.urls import reverse
from django.utils import timezone

from newsletter.errands import board
from newsletter.errands.models import Errand
from newsletter.feeds import manage
from newsletter.feeds.models import Article, Feed
from newsletter.runtime import errands
from newsletter.runtime.doctor import rounds
from newsletter.runtime.doctor.verdicts import good
from tests.desk.conftest import messages_on
from tests.fakes.feed_site import FeedSite
from workers import tasks
from workers.app import app

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PAGE = """<html><head><title>Of rivers</title><meta property="og:type" content="article"><meta property="og:title"
content="Of rivers"><link rel="canonical" href="{url}"></head><body><article>
<h1>Of rivers</h1></article></body></html>"""
FEED = """<rss version="2.0"><channel><title>The Coast</title><item><title>Of rivers</title><guid>1</guid>
<link>{url}</link></item></channel></rss>"""


@pytest.fixture
def editor(as_role):
    return as_role("editor")


@pytest.fixture
def site():
    with FeedSite() as running:
        yield running


def part(client, place):
    return client.get(reverse("desk-errands"), {"place": place})


def test_a_story_is_read_by_a_worker_and_told_where_it_stands(editor, edition, site):
    url = site.url("/rivers")
    site.put("/rivers", PAGE.format(url=url))
    address = reverse("desk-add-address", args=[edition.pk])
    for _ in range(3):
        page = editor.post(address, {"url": url}, follow=True).text
    assert "It waits for a worker" in page
    assert 'hx-trigger="every 1s"' in page
    assert site.count("/rivers") == 0
    assert part(editor, f"edition {edition.pk}").status_code == 200
    # When a worker has done it
    assert errands.do_next()
    assert not errands.do_next()
    ended = part(editor, f"edition {edition.pk}")
    assert (ended.status_code, ended["HX-Trigger"]) == (286, "errands-done")
    assert "“Of rivers” is in" in ended.text
    assert edition.items.get(article__title="Of rivers").article.url == url
    # Done twice, as after a worker that died late, it is there once
    Errand.objects.update(status="waiting", finished_at=None)
    assert errands.do_next()
    assert edition.items.filter(article__title="Of rivers").count() == 1


def test_a_feed_is_read_before_it_is_kept_and_what_is_none_fails_with_its_reason(editor, site):
    site.put("/feed.rss", FEED.format(url=site.url("/rivers")))
    site.put("/page", "<html><body>No feed</body></html>")
    for path in ("/feed.rss", "/page"):
        editor.post(reverse("desk-feed-add"), {"url": site.url(path), "topics": "Africa, "})
        assert errands.do_next()
    assert (Feed.objects.get().title, Feed.objects.get().topics) == ("The Coast", ["Africa"])
    page = editor.get(reverse("desk-feeds")).text
    assert "“The Coast” has 1 entry" in page
    assert "Adding a feed failed." in page


def test_a_real_bell_does_what_was_asked_and_the_feed_is_due_at_once(editor, site, bells):
    # Given a feed that an editor asked for, and the tasks that beat and workers run
    site.put("/feed.rss", FEED.format(url=site.url("/rivers")))
    site.put("/rivers", PAGE.format(url=site.url("/rivers")))
    editor.post(reverse("desk-feed-add"), {"url": site.url("/feed.rss")})
    assert not Feed.objects.exists()
    # When the beat rings, and one that finds work rings again
    tasks.mind_errands.apply(throw=True)
    assert bells == ["mind_errands", "errand_next", "errand_next"]
    # Then the feed is there, and waits for nothing but the next look
    assert "“The Coast” has 1 entry" in editor.get(reverse("desk-feeds")).text
    assert manage.being_asked() == 1
    tasks.collect_due.apply(throw=True)
    assert (Article.objects.get().title, manage.being_asked()) == ("Of rivers", 0)


@pytest.fixture
def bells(monkeypatch):
    """The bells that were heard, each at once and in this process, as if a worker were always free."""
    heard = []

    def hear(sender, **_):
        heard.append(sender.name.removeprefix("workers.tasks."))

    app.conf.task_always_eager = True
    monkeypatch.setattr(redis.Redis, "llen", lambda *_: 0)
    signals.task_prerun.connect(hear)
    yield heard
    signals.task_prerun.disconnect(hear)
    app.conf.task_always_eager = False


def test_links_are_asked_by_a_worker(editor, edition):
    said = editor.post(reverse("desk-ask-links", args=[edition.pk]), follow=True)
    assert "Asking the links" in said.text
    assert errands.do_next()
    assert "Every link was asked." in editor.get(reverse("desk-check", args=[edition.pk])).text


def test_health_shows_what_doctor_saw_and_when(editor, newsletter, monkeypatch):
    monkeypatch.setattr(
        rounds,
        "CHECKS",
        {"clock": rounds.Check(lambda _: good("0 s apart"), "agrees"), "mx": rounds.Check(_breaks, "x")},
    )
    assert "Nobody looked yet." in editor.get(reverse("desk-health")).text
    editor.post(reverse("desk-health-look"))
    assert errands.do_next()
    page = " ".join(editor.get(reverse("desk-health")).text.split())
    said = re.findall(r'scope="row">(clock|mx)</th><td[^>]*><strong class="(\w+)">([^<]+)', page)
    assert said == [("mx", "bad", "wrong"), ("clock", "good", "in order")]
    assert "Looked at" in page


def _breaks(_config):
    raise ValueError("a check at fault")


def test_an_errand_whose_workers_die_is_given_up_and_one_at_fault_is_told(editor, monkeypatch):
    errand = board.ask("check-up", "health", None)
    for _ in range(board.MOST_TRIES):
        Errand.objects.filter(pk=errand.pk).update(status="running", lease_until=timezone.now())
        errand.refresh_from_db()
        assert board._claim(errand)
    Errand.objects.update(lease_until=timezone.now())
    assert errands.do_next()
    assert "each worker that began it died" in part(editor, "health").text
    monkeypatch.setitem(errands.KINDS, "check-up", _breaks)
    board.ask("check-up", "health", None)
    assert errands.do_next()
    assert "A fault of ours" in part(editor, "health").text


def test_who_lost_the_claim_writes_nothing(newsletter):
    slow = board.ask("check-up", "health", None)
    assert board._claim(slow)
    Errand.objects.update(fence=9)
    board.tell(slow, "late")
    board._end(slow, Errand.Status.DONE, board.Told("late"))
    assert Errand.objects.get().is_open
    assert Errand.objects.get().said == ""


def test_a_place_nobody_knows_has_no_errands(editor):
    assert messages_on(part(editor, "x' OR 1=1").text) == []
