"""Readers in the desk: found, told about, what is done at their wish; feeds, newsletters, caught mail, health."""

import html
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletter import config
from newsletter.editions.models import Edition
from newsletter.feeds.models import Feed
from newsletter.newsletters.models import AuditEntry, Newsletter
from newsletter.subscribers.models import Subscriber, Suppression
from newsletter.tracking import watchdog
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def reader(newsletter):
    builders.add_readers(newsletter, 3)
    return Subscriber.objects.get(email="reader1@example.org")


@pytest.fixture
def editor(as_role):
    return as_role("editor")


def act(client, view, /, *args, **fields):
    return messages_on(client.post(reverse(view, args=args), fields, follow=True).text)


@pytest.mark.parametrize("words", ["READER1@example.org", "reader1", "Reader 1"])
def test_a_reader_is_found_by_address_and_by_how_one_begins(editor, reader, words):
    page = editor.get(reverse("desk-readers"), {"q": words}).text
    assert "reader1@example.org" in page
    assert "reader2@example.org" not in page


@pytest.mark.parametrize("query", ["q=%00", "q=%25", "q='%20OR%201=1", "state=nope", "q=a@", "q=@", "q=" + "x" * 5000])
def test_a_strange_search_is_answered(editor, reader, query):
    assert editor.get(f"{reverse('desk-readers')}?{query}").status_code == 200


def test_readers_are_listed_by_state(editor, reader, newsletter):
    builders.add_readers(newsletter, 1, status="paused", first=50)
    page = editor.get(reverse("desk-readers"), {"state": "paused"}).text
    assert "reader50@example.org" in page
    assert "reader1@example.org" not in page


def test_one_readers_page_tells_consent_and_copies(editor, newsletter):
    act(editor, "desk-reader-add", email="ada@example.org", name="Ada", newsletter=newsletter.slug)
    reader = Subscriber.objects.get()
    page = editor.get(reverse("desk-reader", args=[reader.pk])).text
    assert "added in the desk" in page
    assert "No copy was ever meant for them." in page


def test_whoever_left_is_not_added_again(editor, reader, newsletter):
    subscription = reader.subscriptions.get()
    assert act(editor, "desk-unsubscribe", subscription.pk)[0].startswith("They get The Meridian no longer.")
    said = act(editor, "desk-reader-add", email=reader.email, newsletter=newsletter.slug)
    assert said == ["This reader left before; only they themselves can come back."]


def test_an_address_is_suppressed_and_released_with_reasons(editor, reader):
    assert act(editor, "desk-suppress", reader.pk, reason=" ") == ["Say why; it is kept."]
    act(editor, "desk-suppress", reader.pk, reason="They called")
    assert Suppression.objects.get().note == "They called"
    assert "They called" in editor.get(reverse("desk-reader", args=[reader.pk])).text
    act(editor, "desk-release", reader.pk, reason="They called again")
    assert not Suppression.objects.exists()
    told = str(list(AuditEntry.objects.values("verb", "subject", "detail")))
    assert "suppress" in told
    assert "@example.org" not in told


def test_a_reader_is_erased_only_with_their_address_typed(editor, reader):
    assert act(editor, "desk-erase", reader.pk, email="reader2@example.org") == [
        "That is not this reader's address. Nothing was erased."
    ]
    act(editor, "desk-erase", reader.pk, email="Reader1@example.org")
    reader.refresh_from_db()
    assert reader.email is None
    assert "erased" in editor.get(reverse("desk-reader", args=[reader.pk])).text


def test_a_feed_that_is_none_is_told_so_and_one_is_paused_and_removed(editor, edition):
    assert "is not a web address" in act(editor, "desk-feed-add", url="ftp://example.org/x")[0]
    feed = Feed.objects.get()
    act(editor, "desk-feed-pause", feed.pk, paused="1")
    assert "paused" in editor.get(reverse("desk-feeds")).text
    act(editor, "desk-feed-pause", feed.pk, paused="0")
    act(editor, "desk-feed-remove", feed.pk)
    assert not Feed.objects.exists()


def test_a_newsletter_that_is_not_there_is_not_found(editor, db):
    assert editor.get(reverse("desk-newsletter", args=["nobody"])).status_code == 404


def test_a_newsletters_forms_change_what_they_show(as_role, newsletter):
    admin = as_role("admin")
    slug = newsletter.slug
    schedule = {"weekday": "friday", "send_time": "06:30", "zone": "Europe/Berlin", "cutoff": "12"}
    act(admin, "desk-newsletter-change", slug, form="schedule", **schedule)
    policy = {"review": "approve", "second_person": "1", "min_items": "2", "thin_week": "skip", "last_look": "hold"}
    act(admin, "desk-newsletter-change", slug, form="policy", max_lateness="3", **policy)
    act(admin, "desk-newsletter-change", slug, form="sections", sections="Lead: lead\r\nAll: cap=9\r\n")
    newsletter.refresh_from_db()
    assert (newsletter.weekday, newsletter.zone, newsletter.second_person) == (4, "Europe/Berlin", True)
    assert [each.name for each in newsletter.sections.all()] == ["Lead", "All"]
    page = admin.get(reverse("desk-newsletter", args=[slug])).text
    assert page.count("06:30 Berlin") == 4


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"form": "schedule", "weekday": "someday"}, "is no day of the week"),
        ({"form": "sections", "sections": ""}, "needs a section"),
        ({"form": "sections", "sections": "A: cap=x"}, "cannot read"),
        ({"form": "skipped", "skip": "2020-12-24"}, "is past or more than a year away"),
        ({"form": "safety", "canary_share": "80"}, "80 percent cannot be"),
        ({"form": "brand", "logo_url": "https://meridian.example/logo.svg"}, "has to be a PNG"),
        ({"form": "sender", "sender_email": "nobody", "name": "The Meridian"}, "Enter a valid email address"),
    ],
)
def test_a_field_that_cannot_be_read_is_told_beside_it_and_changes_nothing(as_role, newsletter, fields, said):
    before = Newsletter.objects.values().get()
    response = as_role("admin").post(reverse("desk-newsletter-change", args=[newsletter.slug]), fields)
    assert response.status_code == 422
    _, named, after = html.unescape(response.text).partition(f'name="{list(fields)[1]}"')
    assert named
    assert said in after.partition("</form>")[0]
    assert Newsletter.objects.values().get() == before
    assert not AuditEntry.objects.filter(verb="set").exists()


def test_what_only_the_command_line_could_set_is_set_in_forms(as_role, newsletter):
    admin, slug = as_role("admin"), newsletter.slug
    safety = {"canary_share": "10", "canary_watch": "30", "audience_cap": "", "audience_growth": "1.5"}
    act(admin, "desk-newsletter-change", slug, form="safety", on_unknown="drop", unknown_after="4", **safety)
    brand = {"theme": "plain", "accent": "#123456", "logo_url": "https://meridian.example/l.png", "logo_size": "96x48"}
    brand |= {"headline_font": "charter", "text_font": "verdana", "footer": "One\r\nTwo", "mission": "From the coast"}
    act(admin, "desk-newsletter-change", slug, form="brand", social="Mastodon=https://social.example/@m", **brand)
    readers = {"archive": "none", "topic_copies": "first", "links": "counted", "welcome": "1"}
    act(admin, "desk-newsletter-change", slug, form="readers", **readers)
    day = (timezone.now() + timedelta(days=30)).date().isoformat()
    act(admin, "desk-newsletter-change", slug, form="skipped", skip=day)
    newsletter.refresh_from_db()
    assert (newsletter.canary_share, newsletter.audience_growth, newsletter.on_unknown) == (0.1, 1.5, "drop")
    assert (newsletter.theme, newsletter.logo_size, newsletter.footer) == ("plain", "96x48", "One\nTwo")
    assert newsletter.social == [{"name": "Mastodon", "url": "https://social.example/@m"}]
    assert (newsletter.archive, newsletter.topic_copies, newsletter.welcome) == ("none", "first", True)
    assert newsletter.skip_dates == [day]
    # Each is in the log, with before and after
    assert AuditEntry.objects.filter(verb="set").first().detail["changes"] == {"skip_dates": [[], [day]]}
    act(admin, "desk-newsletter-change", slug, form="skipped", back=day)
    newsletter.refresh_from_db()
    assert newsletter.skip_dates == []
    log = admin.get(reverse("desk-log"), {"subject": f"newsletter {slug}"}).text
    assert "#123456" in log


def test_caught_mail_is_shown_as_received_and_runs_nothing(editor, newsletter):
    folder = config.current().data_dir / "outbox" / "new"
    folder.mkdir(parents=True, exist_ok=True)
    message = EmailMessage()
    message["Subject"], message["To"] = "<b>Caught</b>", "ada@example.org"
    message.set_content("Words")
    message.add_alternative("<script>alert(1)</script><p>Words</p>", subtype="html")
    (folder / "one.1").write_bytes(bytes(message))
    assert "&lt;b&gt;Caught" in editor.get(reverse("desk-outbox")).text
    mail = editor.get(reverse("desk-message-html", args=["one.1"]))
    assert "sandbox" in mail["Content-Security-Policy"]
    assert "allow-scripts" not in mail["Content-Security-Policy"]
    for name in ("..", "nobody", "x" * 300):
        assert editor.get(f"/desk/outbox/{name}").status_code == 404


def test_health_tells_whether_workers_live_and_what_waits(editor, newsletter):
    now = timezone.now()
    assert "none was ever seen" in editor.get(reverse("desk-health")).text
    Edition.objects.create(
        newsletter=newsletter, kind="special", number=1, status="held", stories_from=now, stories_until=now
    )
    watchdog.watch()
    page = editor.get(reverse("desk-health")).text
    assert "alive" in page
    assert "is held" in page


def test_a_test_goes_to_the_addresses_named(sender, edition):
    said = act(sender, "desk-test", edition.pk, to="ada@example.org, bob@example.org")
    assert said == ["A test goes to ada@example.org, bob@example.org."]
    assert "one to 10 addresses" in act(sender, "desk-test", edition.pk, to=" ")[0]
