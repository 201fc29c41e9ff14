"""A look costs the same however many editions lie behind it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.tracking import watchdog

pytestmark = pytest.mark.django_db


def test_editions_of_the_past_cost_nothing(newsletter, django_assert_num_queries, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as first:
        watchdog.look()
    long_ago = timezone.now() - timedelta(days=30)
    Edition.objects.bulk_create(
        Edition(
            newsletter=newsletter,
            kind="special",
            number=number,
            status="sent",
            stories_from=long_ago,
            stories_until=long_ago,
            finished_at=long_ago,
        )
        for number in range(50)
    )
    with django_assert_num_queries(len(first)):
        watchdog.look()


@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="about PostgreSQL")
def test_no_question_is_compiled_for_longer_than_it_takes_to_answer():
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
