"""PostgreSQL was restarted, or a firewall cut the line: whoever comes next notices nothing (F-08)."""

import psycopg
import pytest
from django.db import close_old_connections, connection

from newsletter.newsletters.models import Newsletter


@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no line to be cut")
@pytest.mark.django_db(transaction=True)
def test_a_request_after_the_session_was_ended_finds_a_new_one():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [mine])
    # Each request and each task begins with this, and ends with it
    close_old_connections()
    assert Newsletter.objects.count() == 0
