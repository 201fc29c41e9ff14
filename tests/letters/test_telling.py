"""Who is told of the newsroom's week, and that nobody is told twice."""

import threading

import pytest
from django.db import connection, transaction

from newsletter.letters import notices, writing
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Role, Staff
from tests.letters.samples import FACTS


@pytest.fixture
def staff(db):
    people = {role: Staff.objects.create(email=f"{role}@meridian.example", role=role) for role in Role.values}
    people["gone"] = Staff.objects.create(email="gone@meridian.example", role=Role.ADMIN, is_active=False)
    return people


def recipients():
    return {letter.staff.role if letter.staff else letter.route for letter in Letter.objects.all()}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("draft-ready", {"editor", "sender", "admin"}),
        ("edition-sent", {"editor", "sender", "admin"}),
        ("approval-missing", {"sender", "admin"}),
        ("edition-held", {"sender", "admin"}),
        ("edition-paused", {"sender", "admin"}),
    ],
)
def test_who_may_act_is_told_and_nobody_who_left(kind, told, staff, newsletter):
    assert notices.tell(newsletter, kind, "edition-12", **FACTS[kind]) == len(told)
    assert recipients() == told


def test_the_webhook_is_told_once_beside_them(staff, newsletter, configure):
    configure(NEWSLETTER_WEBHOOK_URL="https://chat.example/hooks/1")
    notices.tell(newsletter, "edition-held", "edition-12", **FACTS["edition-held"])
    assert recipients() == {"sender", "admin", "webhook"}


def test_telling_again_tells_nobody_and_another_kind_is_another_letter(staff, newsletter):
    notices.tell(newsletter, "edition-held", "edition-12", **FACTS["edition-held"])
    assert notices.tell(newsletter, "edition-held", "edition-12", **FACTS["edition-held"]) == 0
    assert notices.tell(newsletter, "edition-paused", "edition-12", **FACTS["edition-paused"]) == 2
    assert Letter.objects.count() == 4


def test_who_joined_since_is_told_the_second_time(staff, newsletter):
    notices.tell(newsletter, "edition-held", "edition-12", **FACTS["edition-held"])
    Staff.objects.create(email="new@meridian.example", role=Role.SENDER)
    assert notices.tell(newsletter, "edition-held", "edition-12", **FACTS["edition-held"]) == 1


def test_a_letter_lives_and_dies_with_its_writers_transaction(staff, newsletter):
    with transaction.atomic():
        notices.tell(newsletter, "edition-held", "edition-12", **FACTS["edition-held"])
        transaction.set_rollback(True)
    assert not Letter.objects.exists()


@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_write_one_letter(editor, newsletter):
    together = threading.Barrier(2)
    fresh = []

    def write():
        together.wait(timeout=10)
        with transaction.atomic():
            fresh.append(writing.write("draft-ready", editor, "12", newsletter=newsletter, **FACTS["draft-ready"]))
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(timeout=30)
    assert sorted(fresh) == [False, True]
    assert Letter.objects.count() == 1
