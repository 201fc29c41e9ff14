"""Preflight on the tables: what it gathers, what approval refuses, what is waived and asked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import config, jinja
from newsletter.editions import approve, draft, edit, preflight, rhythm, variants
from newsletter.editions.models import Edition, Item, Waiver
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Answer, Article
from newsletter.newsletters.models import AuditEntry, Newsletter
from tests import builders
from tests.fakes.feed_site import FeedSite

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def site():
    with FeedSite() as started:
        yield started


@pytest.fixture
def flags():
    """Sets settings as the command line does, until the test ends."""
    before = dict(config._flags)
    yield lambda **given: config.set_flags(given)
    config._flags.clear()
    config.set_flags(before)


@pytest.fixture
def edition(site):
    newsletter = builders.make_newsletter(home_url=site.put("/", "<h1>The Meridian</h1>"))
    for number in range(3):
        path = f"/story-{number}"
        builders.make_article(f"Story {number}", url=site.put(path, "<h1>A story</h1>"), hours_ago=number + 1)
    return draft.compose_regular(newsletter).edition


def codes(edition):
    return {each.code for each in preflight.look(edition).findings}


def test_a_living_edition_has_nothing_that_blocks(edition):
    preflight.ask(edition)
    report = preflight.look(edition)
    assert (report.blocking, report.asked) == ((), True)
    assert {each.code for each in report.warnings} == {"http-link", "no-picture", "preheader-length"}


def test_what_was_not_asked_is_said_and_blocks_nothing(edition):
    report = preflight.look(edition)
    assert (report.blocking, report.asked) == ((), False)


def test_a_dead_story_blocks_approval_until_it_is_mended(edition, site):
    site.put("/story-1", "gone", status=404)
    preflight.ask(edition)
    with pytest.raises(Refused, match=r"“Story 1” links to .*404 Not Found"):
        approve.approve(edition, None)
    edition.refresh_from_db()
    assert (edition.status, edition.renderings.count()) == ("draft", 0)
    edit.drop_item(edition.items.get(article__title="Story 1"), dropped=True)
    assert approve.approve(edition, None).status == "approved"


def test_an_embargo_that_outlasts_the_send_blocks_approval(edition):
    Article.objects.filter(title="Story 2").update(embargo_until=edition.send_at + timedelta(hours=1))
    with pytest.raises(Refused, match="under embargo"):
        approve.approve(edition, None)


def test_an_article_that_was_held_after_composing_blocks(edition):
    Article.objects.filter(title="Story 2").update(held_at=timezone.now())
    assert "on-hold" in {each.code for each in preflight.look(edition).blocking}


def test_links_are_asked_once_and_their_answers_kept(edition, site):
    preflight.ask(edition)
    preflight.ask(edition)
    assert [site.count(f"/story-{number}") for number in range(3)] == [1, 1, 1]
    Answer.objects.update(asked_at=timezone.now() - timedelta(days=1))
    preflight.ask(edition)
    assert site.count("/story-0") == 2


def test_workers_ask_the_links_of_drafts_so_that_approval_knows(edition, site):
    site.put("/story-1", "gone", status=404)
    assert (preflight.ask_due(), preflight.ask_due()) == (1, 0)
    with pytest.raises(Refused, match="404"):
        approve.approve(edition, None)


def test_what_there_was_no_time_for_is_not_asked_for_ever(edition, site):
    site.hang("/story-1")
    preflight.answers.ask([site.url("/story-1"), site.url("/story-2")], seconds=0.2)
    known = preflight.answers.known([site.url("/story-1")])
    assert known[site.url("/story-1")].status == 0


def test_a_dead_link_is_asked_again_soon(edition, site):
    site.put("/story-0", "", status=410)
    preflight.ask(edition)
    Answer.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
    site.put("/story-0", "there again")
    preflight.ask(edition)
    assert "dead-link" not in codes(edition)


def test_a_story_that_an_edition_sent_before_is_told(edition):
    edition.newsletter.editions.update(status="sent")
    again = draft.compose_special(edition.newsletter, 7).edition
    if not again.items.exists():
        edit.add_article(again, Article.objects.get(title="Story 0"), again=True)
    assert "already-sent" in codes(again)


def test_a_warning_is_waived_with_a_reason_that_is_kept(edition):
    key = next(each.key for each in preflight.look(edition).warnings if each.code == "no-picture")
    preflight.waive(edition, key, "There is no photo of this", None)
    (waived,) = preflight.look(edition).waived
    assert (waived.key, waived.waived) == (key, "There is no photo of this")
    assert AuditEntry.objects.get(verb="waive").detail == {"key": key, "reason": "There is no photo of this"}
    preflight.take_back(edition, key, None)
    assert preflight.look(edition).waived == ()


def test_what_blocks_cannot_be_waived_and_a_waiver_needs_its_reason(edition):
    Article.objects.filter(title="Story 2").update(held_at=timezone.now())
    report = preflight.look(edition)
    with pytest.raises(UsageError, match="cannot be waived"):
        preflight.waive(edition, report.blocking[0].key, "Never mind", None)
    with pytest.raises(UsageError, match="needs its reason"):
        preflight.waive(edition, report.warnings[0].key, " ", None)
    with pytest.raises(UsageError, match="does not say"):
        preflight.waive(edition, "no-credit:99", "x", None)
    with pytest.raises(UsageError, match="Nobody waived"):
        preflight.take_back(edition, "no-credit:99", None)
    assert not Waiver.objects.exists()


def test_a_place_that_nobody_filled_in_blocks_in_our_words_and_warns_in_an_articles(edition):
    edit.edit_words(edition, subject="Hello {{ first_name }}", preheader="", note="")
    assert [each.code for each in preflight.look(edition).blocking] == ["placeholder"]
    edit.edit_words(edition, subject="Hello", preheader="", note="")
    Article.objects.filter(title="Story 0").update(title="What {{ braces }} mean")
    assert preflight.look(edition).blocking == ()
    assert "placeholder" in codes(edition)


def test_a_place_that_the_text_part_breaks_over_two_lines_is_found(edition):
    note = "We are very glad that you are here and greet you warmly, dear {{ first_name }}, and hello"
    edit.edit_words(edition, subject="Hello", preheader="", note=note)
    assert [each.code for each in preflight.look(edition).blocking] == ["placeholder"]


def test_of_two_links_in_one_entry_each_is_told_and_waived_by_itself(edition):
    # Given an entry with a link that leads nowhere elsewhere, one into the own site, and one without https
    words = "See [them](//other.example/x), [us](/about) and [it](http://old.example/)."
    section = edition.newsletter.sections.last()
    entry = edit.add_written(edition, section, edit.Written("note", title="Elsewhere", dek=words))
    blocking = preflight.look(edition).blocking
    assert {(each.code, each.about) for each in blocking} >= {("relative-link", "/about")}
    # When the one without https is waived and another takes its place
    key = next(each.key for each in preflight.look(edition).warnings if each.code == "http-link")
    preflight.waive(edition, key, "They have no other", None)
    Item.objects.filter(pk=entry.pk).update(dek="See [it](http://casino.example/).")
    # Then nobody has waived that
    assert "http-link" in {each.code for each in preflight.look(edition).warnings}


def test_a_mail_that_gmail_would_cut_off_blocks(edition):
    Edition.objects.update(note="A long week. " * 8_000)
    edition.refresh_from_db()
    assert [each.code for each in preflight.look(edition).blocking] == ["too-large"]


def test_a_missing_postal_address_blocks(edition):
    Newsletter.objects.update(postal_address=" ")
    edition = Edition.objects.select_related("newsletter").get()
    assert {each.code for each in preflight.look(edition).blocking} == {"no-postal-address"}


@pytest.fixture
def own_foot(tmp_path, flags):
    """Writes a foot of one's own."""
    path = tmp_path / "email/blocks/foot.html"
    path.parent.mkdir(parents=True)
    flags(templates_dir=str(tmp_path))

    def write(inside):
        path.write_text(f"{{% macro foot() %}}<tr><td>{inside}</td></tr>{{% endmacro %}}")
        jinja.for_mail.cache_clear()

    yield write
    jinja.for_mail.cache_clear()


def test_a_template_at_fault_blocks(edition, own_foot):
    own_foot("{{ nobody.knows }}")
    assert [each.code for each in preflight.look(edition).blocking] == ["template-error"]
    own_foot("Bye")
    assert [each.code for each in preflight.look(edition).blocking] == ["no-unsubscribe"]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("*|FNAME|*, bye", "placeholder"),
        ('<img src="https://meridian.example/a.png" width="1" height="1" alt="%%name%%">', "placeholder"),
        ('<a href="https://meridian.example/?u=%7B%7Bid%7D%7D">more</a>', "placeholder"),
        ('<a href="/about">about</a>', "relative-link"),
        ('<a href="#">top</a>', "relative-link"),
    ],
)
def test_what_a_template_of_ones_own_adds_is_looked_at_too(edition, own_foot, inside, code):
    ways = '<a href="{{ unsubscribe }}">Leave</a> {{ newsletter.postal_address }}'
    own_foot(f"{ways} {inside}")
    assert [each.code for each in preflight.look(edition).blocking] == [code]


@pytest.mark.parametrize(
    "inside",
    [
        '<p style="display: none"><a href="{{ unsubscribe }}">Leave</a></p>',
        '<!-- <a href="{{ unsubscribe }}">Leave</a> -->',
        '<a href="{{ unsubscribe }}"></a>',
        "{{ unsubscribe }}",
    ],
)
def test_a_way_out_that_nobody_can_see_or_press_is_none(edition, own_foot, inside):
    own_foot(f"{inside} {{{{ newsletter.postal_address }}}}")
    assert [each.code for each in preflight.look(edition).blocking] == ["no-unsubscribe"]


def test_a_dead_link_in_a_template_of_ones_own_is_told(edition, site, own_foot):
    # Given a foot with a link that answers and one that does not
    gone = site.url("/gone?a=1&b=2")
    ways = '<a href="{{ unsubscribe }}">Leave</a> {{ newsletter.postal_address }} <a href="{{ in_browser }}x"></a>'
    own_foot(f'{ways}<a class="link" href="{gone.replace("&", "&amp;")}">Us</a><a href="{site.url("/")}">Home</a>')
    # When the links are asked
    preflight.ask(edition)
    # Then that one blocks, as it leads into the own site
    dead = [each for each in preflight.look(edition).findings if each.code == "dead-link"]
    assert [(each.about, each.part) for each in dead] == [(gone, "mail")]


def test_a_postal_address_that_is_hidden_is_missing(edition, own_foot):
    own_foot('<a href="{{ unsubscribe }}">Leave</a><p style="display:none">{{ newsletter.postal_address }}</p>')
    assert [each.code for each in preflight.look(edition).blocking] == ["no-postal-address"]


def test_every_variant_is_looked_at_and_listed_with_readers_size_and_first_headline(edition):
    from newsletter.subscribers import topics
    from newsletter.subscribers.models import Subscription

    key = topics.key_of(["Africa"])
    readers = builders.add_readers(edition.newsletter, variants.ENOUGH + 5)
    Subscription.objects.filter(pk__in=[each.pk for each in readers[: variants.ENOUGH]]).update(topic_set=key)
    full, africa = preflight.look(edition).variants
    assert (full.readers, full.stories, full.headline) == (5, 3, "Story 0")
    assert (africa.topics, africa.readers, africa.headline) == (("Africa",), variants.ENOUGH, "Story 0")
    assert africa.size > 10_000


def test_an_approved_edition_is_looked_at_as_it_was_frozen(edition):
    approved = approve.approve(edition, None)
    Article.objects.update(title="Rewritten")
    report = preflight.look(approved)
    assert report.variants[0].headline == "Story 0"
    assert report.blocking == ()


@pytest.fixture
def smtp(flags):
    flags(transport="smtp")


def test_a_real_transport_wants_pages_that_answer(edition, settings, smtp):
    settings.SITE_URL = "http://127.0.0.1:9"
    preflight.ask(edition)
    found = [each for each in preflight.look(edition).findings if each.part == "site"]
    # Warnings only: the tests allow private hosts.
    assert [(each.code, each.level) for each in found] == [("site-url", "warn"), *[("site-silent", "warn")] * 2]


def test_on_a_real_transport_nothing_is_approved_before_its_site_was_asked(edition, settings, flags):
    flags(transport="smtp", smtp_url="smtp://127.0.0.1:9", allow_private_hosts="0")
    settings.SITE_URL = "https://news.keel.example"
    with pytest.raises(Refused, match="unsubscribe, view in browser"):
        approve.approve(edition, None)


def test_what_goes_out_by_itself_has_its_site_asked_first(edition, settings, smtp, flags):
    # Given a newsletter without review, whose draft no worker has asked about
    flags(smtp_url="smtp://127.0.0.1:9")
    settings.SITE_URL = "http://127.0.0.1:9"
    edition.newsletter.review = Newsletter.Review.AUTO
    edition.newsletter.save()
    edition.closed_at = edition.send_at = timezone.now() + timedelta(minutes=5)
    edition.save()
    # When its time comes
    rhythm.let_go(edition.newsletter, timezone.now())
    # Then it is approved knowing what the site answered, and no story was waited for
    edition.refresh_from_db()
    assert edition.status == Edition.Status.SCHEDULED
    assert {each.code for each in preflight.look(edition).findings if each.part == "site"} == {
        "site-url",
        "site-silent",
    }
    assert Answer.objects.count() == 2


def test_the_outbox_asks_for_no_site(edition, settings):
    settings.SITE_URL = "http://127.0.0.1:9"
    preflight.ask(edition)
    assert not any(each.part == "site" for each in preflight.look(edition).findings)
