"""Signing in by a password, slowly for whoever guesses, and by the second step for whoever may send (T-20)."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from newsletter.desk.login import HALF
from newsletter.errors import Refused, UsageError
from newsletter.newsletters import passwords, people, second, throttle
from newsletter.newsletters.models import AuditEntry, LoginTry, Staff
from newsletter.tracking import retention
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WORDS = "four odd purple herons"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def ada(db):
    person = people.add("ada@example.org", "Ada", "editor")
    passwords.choose(person, WORDS, WORDS)
    return person


@pytest.fixture
def sam(db):
    """A sender with a second step and a password; gives the person, the app and the recovery codes."""
    person, secret = people.add("sam@example.org", "Sam", "sender"), second.candidate(Staff(pk=1), "x")
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        codes = second.set_up(person, secret, pyotp.TOTP(secret).now())
    passwords.choose(person, WORDS, WORDS)
    return person, pyotp.TOTP(secret), codes


def sign_in(client, email="ada@example.org", password=WORDS, **more):
    return client.post(reverse("desk-login-password"), {"email": email, "password": password, **more})


def is_in(client):
    return client.get(reverse("desk-me")).status_code == 200


def test_address_and_password_sign_in_and_lead_to_where_one_wanted_to_go(client, ada):
    assert client.get(reverse("desk-log"))["Location"].endswith("?next=/desk/log")
    response = sign_in(client, email=" ADA@example.org", next="/desk/log")
    assert response["Location"] == "/desk/log"
    assert is_in(client)
    assert AuditEntry.objects.filter(verb="login", staff=ada).count() == 1


@pytest.mark.parametrize("target", ["https://evil.example/desk/", "//evil.example", "/u/token", "x" * 999])
def test_no_link_leads_out_of_the_desk(client, ada, target):
    assert sign_in(client, next=target)["Location"] == reverse("desk")


def test_a_wrong_password_and_an_unknown_address_look_alike(ada):
    pages = [
        sign_in(Client(), email=email, password=password)
        for email, password in (("ada@example.org", "wrong"), ("bob@example.org", "wrong"), ("", ""))
    ]
    assert [page.status_code for page in pages] == [403] * 3
    assert len({" ".join(messages_on(page.text)) for page in pages}) == 1


def test_after_five_failures_nothing_is_looked_at_for_a_quarter_of_an_hour(client, ada, monkeypatch):
    looked = []
    real = passwords.authenticate
    monkeypatch.setattr(passwords, "authenticate", lambda *args, **given: looked.append(1) or real(*args, **given))
    with time_machine.travel(NOON, tick=False) as clock:
        answers = [sign_in(client, password=f"guess {number}").status_code for number in range(200)]
        assert answers == [403] * 5 + [429] * 195
        assert sum(looked) == 5
        # Then even the right one waits, but not for ever; and the others are not kept waiting
        assert sign_in(client).status_code == 429
        assert sign_in(client, email="bob@example.org").status_code == 403
        clock.shift(timedelta(minutes=16))
        assert sign_in(client).status_code == 302


def test_a_network_that_tries_one_password_on_many_is_slowed_too(ada, monkeypatch):
    monkeypatch.setattr(throttle, "MOST_NETWORK", 7)
    with time_machine.travel(NOON, tick=False):
        seen = [
            Client(REMOTE_ADDR="203.0.113.9").post(
                reverse("desk-login-password"), {"email": f"p{number}@example.org", "password": "x"}
            )
            for number in range(throttle.MOST_NETWORK + 1)
        ]
    assert [each.status_code for each in seen] == [403] * throttle.MOST_NETWORK + [429]


def test_what_was_tried_is_kept_as_a_hash_and_for_thirty_days(client, ada):
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, email="ada@example.org", password="wrong")
        assert "ada@" not in str(LoginTry.objects.values())  # of the bare name hex digits are made by chance
        clock.shift(timedelta(days=31))
        sign_in(client)
        dict(retention.keep_all(timezone.now()))
        assert LoginTry.objects.count() == 1


@pytest.mark.parametrize("weak", ["short", "password1234", "ada@example.org", "x" * 201])
def test_a_weak_password_is_refused(ada, weak):
    with pytest.raises(UsageError):
        passwords.choose(ada, weak, weak)
    assert Staff.objects.get().check_password(WORDS)


def test_passwords_are_hashed_with_argon2_and_the_two_must_agree(ada):
    assert Staff.objects.get().password.startswith("argon2$argon2id$")
    with pytest.raises(UsageError, match="not the same"):
        passwords.choose(ada, WORDS + " x", WORDS)


def test_who_may_send_gets_in_by_a_password_only_together_with_the_second_step(client, ada):
    # Given an editor with a password who is made a sender
    people.change_role("ada@example.org", "sender")
    # Then the password alone is none any more, and no other can be chosen
    assert sign_in(client).status_code == 403
    with pytest.raises(Refused, match="second step"):
        passwords.choose(Staff.objects.get(), WORDS, WORDS)


def test_the_second_step_is_asked_for_after_password_and_link_alike(sam):
    person, app, _ = sam
    with time_machine.travel(NOON, tick=False) as clock:
        for first in (
            lambda client: sign_in(client, email=person.email, next="/desk/log"),
            lambda client: client.post(people.login_link(person.email).removeprefix("https://news.example.org")),
        ):
            client = Client()
            assert first(client)["Location"] == reverse("desk-code")
            assert not is_in(client)
            assert client.post(reverse("desk-code"), {"code": "000000"}).status_code == 403
            assert client.post(reverse("desk-code"), {"code": app.at(datetime.now(UTC))}).status_code == 302
            assert is_in(client)
            clock.shift(timedelta(minutes=1))


def test_a_code_works_once_and_the_neighbours_of_the_moment_work_too(sam):
    person, app, _ = sam
    with time_machine.travel(NOON, tick=False):
        assert second.passes(person, app.at(NOON - timedelta(seconds=30)))
        assert second.passes(person, app.at(NOON))
        assert not second.passes(person, app.at(NOON))
        assert not second.passes(person, app.at(NOON - timedelta(seconds=30)))
        assert not second.passes(person, app.at(NOON + timedelta(seconds=90)))


def test_a_recovery_code_works_once(sam):
    person, _, codes = sam
    assert len(set(codes)) == 10
    assert second.passes(person, f" {codes[0].upper()} ")
    assert not second.passes(person, codes[0])
    assert len(Staff.objects.get().recovery_codes) == 9


def test_neither_secret_nor_codes_stand_in_the_database(sam):
    person, app, codes = sam
    row = str(Staff.objects.filter(pk=person.pk).values())
    assert app.secret not in row
    assert not any(code in row for code in codes)


def test_guessing_codes_is_slow_too(client, sam):
    with time_machine.travel(NOON, tick=False):
        sign_in(client, email="sam@example.org")
        answers = [client.post(reverse("desk-code"), {"code": f"{n:06}"}).status_code for n in range(20)]
    assert answers == [403] * 5 + [429] * 15


def test_the_half_signed_in_are_nobody_and_not_for_long(client, sam):
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, email="sam@example.org")
        assert client.session[HALF]
        assert client.get(reverse("desk"))["Location"].startswith(reverse("desk-login"))
        clock.shift(timedelta(minutes=11))
        assert client.get(reverse("desk-code"))["Location"] == reverse("desk-login")


def test_a_person_sets_the_second_step_up_on_their_page(as_role):
    client = as_role("sender")
    page = client.get(reverse("desk-second-step")).text
    assert "data:image/svg+xml" in page
    secret = page.partition("<code>")[2].partition("</code>")[0]
    assert client.post(reverse("desk-second-step-set"), {"code": "12"})["Location"] == reverse("desk-second-step")
    page = client.post(reverse("desk-second-step-set"), {"code": pyotp.TOTP(secret).now()}).text
    assert page.count("<li><code>") == 10
    assert is_in(client)
    assert Staff.objects.get().totp_secret
