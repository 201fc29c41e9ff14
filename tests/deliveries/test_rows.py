"""Statements that are the same for every batch: PostgreSQL plans them once a session, and by how large tables are."""

import pytest
from django.db import connection

from newsletter.deliveries import claim, rows, send
from newsletter.deliveries.models import Batch
from tests import builders

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgres,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL for its plans"),
]


@pytest.fixture
def edition(newsletter, planned):
    builders.add_readers(newsletter, 30)
    return planned(builders.scheduled_edition(newsletter))


def asked(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("edition")
def test_a_session_keeps_the_plans_of_the_hot_road(transport):
    while send.send_next(transport):
        pass
    kept = "\n".join(asked("SELECT statement FROM pg_prepared_statements"))
    for table in ("newsletter_delivery", "newsletter_batch", "newsletter_attempt", "newsletter_subscriber"):
        assert table in kept


def test_the_question_for_the_next_batches_is_planned_with_the_statuses_names(edition):
    # A kept plan could not tell that the index of unfinished batches holds all that is asked for.
    rendering = edition.renderings.get()
    Batch.objects.bulk_create(
        Batch(edition=edition, rendering=rendering, number=number, status="done") for number in range(1000, 6000)
    )
    rows.measured(Batch)
    statement, parameters = claim._question()
    assert "batch_unfinished" in "\n".join(asked(f"EXPLAIN {statement}", *parameters))
    claim._first_ready()
    assert not asked("SELECT 1 FROM pg_prepared_statements WHERE statement LIKE %s", "%open_wave%")


@pytest.mark.usefixtures("edition")
def test_planning_lets_the_planner_see_how_the_ledger_has_grown():
    assert asked("SELECT reltuples FROM pg_class WHERE relname = 'newsletter_delivery'") == [30]
