"""Several beats at one moment, each with a connection of its own: one edition, each step once, one notice."""

import threading

import pytest
import time_machine
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from newsletter.editions import look, rhythm
from newsletter.editions.models import Edition
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Role, Staff
from tests import builders
from tests.builders import at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
BEATS = 6


def ring_together(moment):
    """The bell of several beats at once."""
    ready = threading.Barrier(BEATS)

    def beat():
        try:
            ready.wait()
            rhythm.keep(moment)
        except OperationalError:
            pass  # SQLite lets one write at a time; the next beat comes in a minute
        finally:
            # Django leaves a database in memory open, and an aborted beat's locks with it.
            BaseDatabaseWrapper.close(connections["default"])

    with time_machine.travel(moment):
        beats = [threading.Thread(target=beat) for _ in range(BEATS)]
        for each in beats:
            each.start()
        for each in beats:
            each.join()
        rhythm.keep(moment)


@pytest.mark.parametrize(("stories", "notice"), [(4, "draft-ready"), (0, "thin-week")])
def test_the_cut_off_is_seen_to_once(stories, notice):
    Staff.objects.create(email="editor@example.org", role=Role.SENDER)
    builders.make_newsletter(rhythm_from=at("2026-11-23 12:00"))
    for number in range(stories):
        builders.make_article(f"Story {number}", published_at=at("2026-11-25 12:00"))
    ring_together(at("2026-11-25 20:00"))
    assert Edition.objects.count() == 1
    assert Edition.objects.get().items.count() == stories
    assert [letter.kind for letter in Letter.objects.all()] == [notice]


def test_what_goes_out_by_itself_is_approved_once_and_what_is_held_is_told_once():
    Staff.objects.create(email="editor@example.org", role=Role.SENDER)
    builders.make_newsletter("By itself", rhythm_from=at("2026-11-23 12:00"), review="auto")
    builders.make_newsletter("By hand", rhythm_from=at("2026-11-23 12:00"))
    for number in range(4):
        builders.make_article(f"Story {number}", published_at=at("2026-11-25 12:00"), image=None)
    ring_together(at("2026-11-25 20:00"))
    Edition.objects.update(looked_at=at("2026-11-26 11:50"))  # the look is not what this is about
    ring_together(at("2026-11-26 11:50"))
    ring_together(at("2026-11-26 12:00"))
    states = {edition.newsletter.name: edition.status for edition in Edition.objects.select_related("newsletter")}
    assert states == {"By itself": "scheduled", "By hand": "held"}
    kinds = sorted(letter.kind for letter in Letter.objects.all())
    assert kinds == ["approval-missing", "draft-ready", "draft-ready", "edition-held"]
    assert look.look_due(at("2026-11-26 12:00")) == 0
