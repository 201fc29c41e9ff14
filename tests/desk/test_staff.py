"""Who comes in and goes: invitations, roles, deactivation, and sessions that end with what they knew (S-04)."""

import pytest
from django.test import Client
from django.urls import reverse

from newsletter.errors import Refused
from newsletter.letters import staff_links
from newsletter.letters.models import Letter
from newsletter.letters.render import words_of
from newsletter.newsletters import passwords, people
from newsletter.newsletters.models import AuditEntry, DeskSession, Staff
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WORDS = "four odd purple herons"


@pytest.fixture
def admin(as_role):
    client = as_role("admin")
    client.admin = Staff.objects.get(role="admin")
    return client


@pytest.fixture
def ada(db):
    return people.add("ada@example.org", "Ada", "editor")


def link_in(letter):
    return words_of(letter).link[1].removeprefix("https://news.example.org")


def signed_in(client):
    return client.get(reverse("desk-me")).status_code == 200


def came_in(email):
    client = Client(headers={"User-Agent": "Firefox\x1b on a boat"})
    client.post(people.login_link(email).removeprefix("https://news.example.org"))
    return client


def test_an_invited_person_comes_in_by_the_letter_once(admin, newsletter):
    admin.post(reverse("desk-invite"), {"email": "New@example.org", "name": "Nell", "role": "editor"})
    letter = Letter.objects.get(kind="invitation")
    assert letter.staff.name == "Nell"
    assert "admin@example.org made you an editor" in words_of(letter).happened
    client = Client()
    assert "Good day, Nell" in client.get(link_in(letter)).text
    assert not signed_in(client)
    path = link_in(letter)
    assert client.post(path).status_code == 302
    assert signed_in(client)
    assert Client().post(path).status_code == 404


def test_a_second_invitation_voids_the_first(admin, newsletter, time_machine_at):
    with time_machine_at("2026-11-26 10:00Z"):
        staff_links.invite("new@example.org", "", "editor", None)
        first = link_in(Letter.objects.get(kind="invitation"))
    with time_machine_at("2026-11-26 10:05Z"):
        staff_links.invite("new@example.org", "", "editor", None)
        assert Client().post(first).status_code == 404
        assert Client().post(link_in(Letter.objects.latest("pk"))).status_code == 302


def test_an_invitation_ends_after_a_week(newsletter, time_machine_at):
    with time_machine_at("2026-11-20 10:00Z"):
        staff_links.invite("new@example.org", "", "editor", None)
        path = link_in(Letter.objects.get())
    with time_machine_at("2026-11-27 10:02Z"):
        assert Client().post(path).status_code == 404


def test_a_link_is_mailed_to_staff_and_nobody_learns_who_is_staff(ada, newsletter):
    pages = [
        Client().post(reverse("desk-login-mail"), {"email": email}).text
        for email in ("ADA@example.org", "bob@example.org", "", "ada@example.org")
    ]
    assert len({" ".join(messages_on(page)) for page in pages}) == 1
    letter = Letter.objects.get(kind="login-link")  # the second of two minutes was not written
    client = Client()
    assert client.post(link_in(letter)).status_code == 302
    assert signed_in(client)


def test_the_deactivated_are_mailed_nothing(ada, newsletter):
    people.set_active(ada, None, active=False)
    staff_links.mail_link("ada@example.org")
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda ada: passwords.choose(ada, WORDS, WORDS),
        lambda ada: people.change_role("ada@example.org", "viewer"),
        lambda ada: people.set_active(ada, None, active=False),
    ],
    ids=["password", "role", "deactivation"],
)
def test_a_change_of_what_one_knows_or_may_ends_every_session_at_once(ada, newsletter, change):
    one, two = came_in("ada@example.org"), came_in("ada@example.org")
    assert signed_in(one)
    assert signed_in(two)
    change(Staff.objects.get(pk=ada.pk))
    for client in (one, two):
        assert client.get(reverse("desk-me"))["Location"].startswith(reverse("desk-login"))


def test_who_changes_their_own_password_stays_signed_in_here_and_nowhere_else(ada, newsletter):
    here, there = came_in("ada@example.org"), came_in("ada@example.org")
    here.post(reverse("desk-password"), {"password": WORDS, "again": WORDS})
    assert signed_in(here)
    assert not signed_in(there)


def test_sessions_are_listed_and_ended_one_by_one(ada, newsletter):
    here, there = came_in("ada@example.org"), came_in("ada@example.org")
    assert here.get(reverse("desk-me")).text.count("Firefox on a boat") == 2
    here.post(reverse("desk-sessions"), {"session": there.session.session_key})
    assert signed_in(here)
    assert not signed_in(there)


def test_nobody_ends_the_session_of_another(ada, admin):
    mine = came_in("ada@example.org")
    other = DeskSession.objects.get(staff=admin.admin)
    mine.post(reverse("desk-sessions"), {"session": other.session_key})
    assert signed_in(admin)


def test_nobody_changes_their_own_role_and_an_admin_stays(admin, ada):
    me = admin.admin
    for name, fields in (("desk-role", {"role": "viewer"}), ("desk-active", {"active": "0"})):
        page = admin.post(reverse(name, args=[me.pk]), fields, follow=True).text
        assert messages_on(page) == ["Nobody changes their own role. Another admin can."]
    with pytest.raises(Refused, match="only admin"):
        people.change_role(me.email, "viewer")
    people.change_role("ada@example.org", "admin")
    people.change_role(me.email, "viewer", Staff.objects.get(pk=ada.pk))


def test_the_deactivated_are_let_in_again(admin, ada):
    admin.post(reverse("desk-active", args=[ada.pk]), {"active": "0"})
    with pytest.raises(Refused, match="deactivated"):
        people.login_link("ada@example.org")
    admin.post(reverse("desk-active", args=[ada.pk]), {"active": "1"})
    assert signed_in(came_in("ada@example.org"))


def test_a_role_that_does_not_exist_is_refused(admin, ada):
    page = admin.post(reverse("desk-role", args=[ada.pk]), {"role": "owner"}, follow=True).text
    assert messages_on(page) == ["Choose a role."]


def test_the_log_tells_who_changed_what_from_what_to_what(admin, ada):
    admin.post(reverse("desk-role", args=[ada.pk]), {"role": "sender"})
    entry = AuditEntry.objects.filter(verb="staff").first()
    assert (entry.staff, entry.detail["before"], entry.detail["after"]) == (admin.admin, "editor", "sender")
    page = admin.get(reverse("desk-log"), {"subject": f"staff {ada.pk}"}).text
    assert "<del>editor</del> → sender" in page
    assert "ada@example.org" not in page.partition("<ol")[2]


@pytest.mark.parametrize(
    "query", ["subject=%00", "who=x", "who=99999999999999999999", "before=-1", "before=9" + "9" * 40]
)
def test_a_strange_question_to_the_log_is_answered(admin, ada, query):
    assert admin.get(f"{reverse('desk-log')}?{query}").status_code == 200
