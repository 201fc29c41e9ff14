"""Links that sign in once: looking at one changes nothing, and what was used, forged or late is void."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from newsletter.errors import Refused, UsageError
from newsletter.newsletters import people
from newsletter.newsletters.models import AuditEntry, Staff

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def ada(db):
    return people.add("ada@example.org", "Ada", "editor")


def path_of(link):
    return link.removeprefix("https://news.example.org")


def signed_in(client):
    return client.get(reverse("desk")).status_code == 200


def test_looking_at_the_link_signs_nobody_in_and_does_not_use_it_up(client, ada):
    path = path_of(people.login_link("ADA@example.org"))
    for method in (client.get, client.head, client.get):
        response = method(path)
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
    assert "Good day, Ada" in client.get(path).text
    assert "Sign out" not in client.get(path).text
    assert not signed_in(client)
    assert Staff.objects.get().last_login is None


def test_pressing_the_button_signs_in_and_is_written_down(client, ada):
    response = client.post(path_of(people.login_link("ada@example.org")))
    assert response.status_code == 302
    assert response["Location"] == reverse("desk")
    assert response["Cache-Control"] == "no-store"
    assert signed_in(client)
    assert AuditEntry.objects.filter(staff=ada, verb="login").count() == 1


def test_a_link_works_once(ada):
    path = path_of(people.login_link("ada@example.org"))
    assert Client().post(path).status_code == 302
    second = Client()
    assert second.get(path).status_code == 404
    assert second.post(path).status_code == 404
    assert not signed_in(second)


def test_a_link_made_and_used_within_the_second_of_the_last_login_works_once_too(ada):
    with time_machine.travel("2026-11-26 07:00:00.100+00:00", tick=False) as clock:
        Client().post(path_of(people.login_link("ada@example.org")))
        clock.shift(timedelta(milliseconds=300))
        path = path_of(people.login_link("ada@example.org"))
        clock.shift(timedelta(milliseconds=300))
        assert Client().post(path).status_code == 302
        assert Client().post(path).status_code == 404


def test_of_two_who_press_at_the_same_time_one_is_signed_in(ada, monkeypatch):
    # Given two requests that both found the link good
    token = path_of(people.login_link("ada@example.org")).rpartition("/")[2]
    first, second = people.person_for(token), people.person_for(token)
    # When both try to use it
    monkeypatch.setattr(people, "person_for", lambda _: first)
    assert people.redeem(token) == ada
    monkeypatch.setattr(people, "person_for", lambda _: second)
    assert people.redeem(token) is None


def test_a_newer_login_voids_older_links(ada):
    older, newer = (path_of(people.login_link("ada@example.org")) for _ in range(2))
    Client().post(newer)
    assert Client().post(older).status_code == 404


@pytest.mark.parametrize("late", [False, True])
def test_a_link_is_good_for_an_hour(ada, late):
    with time_machine.travel("2026-11-26 07:00:00+00:00", tick=False) as clock:
        path = path_of(people.login_link("ada@example.org"))
        clock.shift(timedelta(minutes=61 if late else 59))
        assert Client().post(path).status_code == (404 if late else 302)


def test_forged_links_sign_nobody_in(ada):
    other = people.add("eve@example.org", "Eve", "admin")
    pk, _, rest = path_of(people.login_link("ada@example.org")).rpartition("/")[2].partition("-")
    wrong = [
        f"{other.pk}-{rest}",
        f"{pk}-{rest[:-1]}{'0' if rest[-1] != '0' else '1'}",
        f"{pk}-{rest.upper()}",
        f"{pk}-",
        pk,
        f"{pk}-{'9' * 30}-{'0' * 32}",
        f"{'9' * 19}-{rest}",
        f"{'9' * 5000}-{rest}",
        f"٣-{rest}",
        f"-1-{rest}",
        "\x00",
    ]
    for token in wrong:
        for method in (Client().get, Client().post):
            response = method(reverse("desk-login-link", args=[token]))
            assert response.status_code == 404, token
            assert "used before, or is too old" in response.text
    assert not AuditEntry.objects.filter(verb="login").exists()


def test_who_was_deactivated_gets_no_link_and_cannot_use_an_old_one(ada):
    path = path_of(people.login_link("ada@example.org"))
    Staff.objects.update(is_active=False)
    assert Client().post(path).status_code == 404
    with pytest.raises(Refused, match="deactivated"):
        people.login_link("ada@example.org")


def test_a_session_ends_when_its_person_is_deactivated_or_signs_out(ada):
    client = Client()
    client.post(path_of(people.login_link("ada@example.org")))
    client.post(reverse("desk-logout"))
    assert not signed_in(client)
    client.post(path_of(people.login_link("ada@example.org")))
    assert signed_in(client)
    Staff.objects.update(is_active=False)
    assert not signed_in(client)


def test_signing_in_changes_the_session_so_that_nobody_can_plant_one(ada):
    client = Client()
    client.session.save()
    planted = client.session.session_key
    client.post(path_of(people.login_link("ada@example.org")))
    assert client.cookies["sessionid"].value != planted
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"
    assert client.cookies["sessionid"]["secure"]


def test_the_first_person_of_an_installation_is_made_admin_and_no_other(db):
    people.login_link("First@Example.org")
    assert Staff.objects.get().role == "admin"
    with pytest.raises(UsageError, match="There is no staff member"):
        people.login_link("second@example.org")
    assert Staff.objects.count() == 1


def test_a_new_person_is_an_editor_and_naming_one_again_keeps_their_role(db):
    assert people.add("ada@example.org").role == "editor"
    people.change_role("ADA@example.org", "sender")
    assert people.add("Ada@Example.org", name="Ada\r\n\x1bByron").role == "sender"
    assert Staff.objects.get().name == "Ada Byron"


def test_what_is_no_address_makes_nobody(db):
    with pytest.raises(UsageError):
        people.add("ada@example.org\r\nBcc: x@example.org")
    assert not Staff.objects.exists()


def test_a_link_says_when_it_was_asked_for(ada):
    people.login_link("ada@example.org")
    entry = AuditEntry.objects.get(verb="login-link")
    assert entry.at <= timezone.now()
    assert "example.org" not in str(entry.detail) + entry.subject
