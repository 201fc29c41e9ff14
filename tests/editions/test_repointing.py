"""A wrong link is led elsewhere after sending, where copies lead through us; else the editor is told what to do."""

import pytest
from django.utils import timezone

from newsletter.editions import approve, draft, mark, webpage
from newsletter.editions.models import Edition
from newsletter.errors import Refused, UsageError
from newsletter.newsletters.models import AuditEntry
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def sent() -> Edition:
    """An edition that went out with counted links."""
    newsletter = builders.make_newsletter()
    builders.make_article("The wrong address")
    edition = approve.approve(draft.compose_special(newsletter).edition, None)
    snapshot = {**edition.snapshot, "newsletter": {**edition.snapshot["newsletter"], "links": "counted"}}
    Edition.objects.update(started_at=timezone.now(), status="sent", snapshot=snapshot)
    return Edition.objects.get()


def entry(edition: Edition) -> int:
    return edition.items.get().pk


def test_the_link_leads_elsewhere_in_the_archive_and_what_was_approved_stays(sent: Edition) -> None:
    before = mark.repoint(sent, entry(sent), "https://meridian.example/the-right-one", None)
    assert before == "https://meridian.example/the-wrong-address"
    sent.refresh_from_db()
    (item,) = mark.as_corrected(sent)["sections"][0]["items"]
    assert item["url"] == "https://meridian.example/the-right-one"
    assert webpage.page_of(sent)["lead"].url == "https://meridian.example/the-right-one"
    assert sent.snapshot["sections"][0]["items"][0]["url"] == before
    assert AuditEntry.objects.get(verb="repoint").detail["before"] == before
    # And once more: the last word counts, and the record says what it was before
    assert mark.repoint(sent, entry(sent), "https://meridian.example/third", None).endswith("/the-right-one")


def test_where_links_lead_straight_to_the_stories_a_correction_is_offered(sent: Edition) -> None:
    Edition.objects.update(snapshot={**sent.snapshot, "newsletter": {**sent.snapshot["newsletter"], "links": "direct"}})
    with pytest.raises(Refused, match="cannot be pointed elsewhere") as refused:
        mark.repoint(sent, entry(sent), "https://meridian.example/x", None)
    assert f"newsletter edition correct {sent.pk}" in refused.value.hint


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://news.example.org/unsubscribe/x", "meridian", ""])
def test_a_link_leads_to_a_story_and_nowhere_else(sent: Edition, address: str) -> None:
    with pytest.raises(UsageError, match="no address of a story"):
        mark.repoint(sent, entry(sent), address, None)
    with pytest.raises(UsageError, match="no link of an entry"):
        mark.repoint(sent, 99999, "https://meridian.example/x", None)


def test_what_was_not_sent_is_reopened_instead(sent: Edition) -> None:
    Edition.objects.update(started_at=None)
    with pytest.raises(Refused, match="not sent yet"):
        mark.repoint(sent, entry(sent), "https://meridian.example/x", None)
