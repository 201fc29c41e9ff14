"""A correction that the publication makes after the send is found, edition by edition."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.editions import changed
from newsletter.editions.models import Edition, Item
from newsletter.feeds.models import Article, Change
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def edition() -> Edition:
    now = timezone.now()
    house = builders.make_newsletter()
    section = house.sections.first() or house.sections.create(name="Analysis", slug="analysis", position=1, cap=5)
    made = Edition.objects.create(
        newsletter=house, kind="special", number=101, stories_from=now - timedelta(days=7), stories_until=now,
        approved_at=now - timedelta(hours=2), started_at=now - timedelta(hours=1), status="sent",
    )  # fmt: skip
    for number, dropped in enumerate((False, False, True), start=1):
        article = Article.objects.create(url=f"https://x.example/{number}", url_key=f"x/{number}", title=f"S{number}")
        Item.objects.create(edition=made, section=section, position=number, article=article, dropped=dropped)
    return made


def change(edition: Edition, number: int, *, hours_ago: float) -> None:
    article = Article.objects.get(title=f"S{number}")
    moment = timezone.now() - timedelta(hours=hours_ago)
    Change.objects.create(article=article, at=moment, fields={"title": ["Teh", "The"], "topics": [[], ["A"]]})


def test_what_changed_since_it_was_frozen_is_listed(edition: Edition) -> None:
    change(edition, 1, hours_ago=0.5)
    change(edition, 2, hours_ago=3)
    (found,) = changed.after_sending(Edition.objects.all())
    assert (found.edition, found.article.title, found.columns) == (edition, "S1", ["title"])


def test_what_an_editor_had_taken_out_needs_no_correction(edition: Edition) -> None:
    change(edition, 3, hours_ago=0.5)
    assert changed.after_sending([edition]) == []


def test_what_was_never_sent_has_nothing_to_correct(edition: Edition) -> None:
    change(edition, 1, hours_ago=0.5)
    edition.started_at = None
    assert changed.after_sending([edition]) == []
