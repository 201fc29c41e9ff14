"""Readers are found by how an address or a name begins, whatever its case, and by an index."""

import pytest
from django.db import connection

from newsletter.subscribers import finding
from newsletter.subscribers.models import Subscriber

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def readers():
    people = [("Ada@example.org", "Ada Moreau"), ("adam@example.org", "Bo"), ("bea@example.org", "adalbert")]
    people += [("a%a@example.org", "_")]
    Subscriber.objects.bulk_create(Subscriber(email=e, address_key=e, name=n) for e, n in people)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ADA", {"Ada@example.org", "adam@example.org", "bea@example.org"}),
        ("ada@", {"Ada@example.org"}),
        ("Ada m", {"Ada@example.org"}),
        ("b", {"adam@example.org", "bea@example.org"}),
        ("a%", {"a%a@example.org"}),
        ("_", {"a%a@example.org"}),
        ("%", set()),
        ("dam", set()),
    ],
)
def test_a_beginning_finds(words, found):
    assert {each.email for each in finding.begins(Subscriber.objects.all(), words)} == found


def test_it_is_found_by_the_indexes():
    if connection.vendor == "postgresql":  # of four rows it would rather read all
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = finding.begins(Subscriber.objects.all(), "ada").explain()
    assert "subscriber_address_begins" in plan
    assert "subscriber_name_begins" in plan
