"""Links that show an edition to people without an account: they end, are ended, and carry nothing of a reader."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from newsletter.subscribers.models import Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def link(sender, edition):
    sender.post(reverse("desk-share", args=[edition.pk]))
    page = sender.get(reverse("desk-look", args=[edition.pk])).text
    return re.search(r"https://news\.example\.org(/desk/look/[\w-]+)", page)[1]


def test_a_guest_sees_the_mail_and_nothing_else(link, edition):
    guest = Client()
    page = guest.get(link)
    assert edition.subject in page.text
    assert "Sign out" not in page.text
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex"
    mail = guest.get(f"{link}/html")
    assert "Analysis 0" in mail.text
    assert "sandbox" in mail["Content-Security-Policy"]
    assert guest.get(f"{link}/text")["Content-Type"].startswith("text/plain")
    assert guest.get(reverse("desk-edition", args=[edition.pk])).status_code == 302


def test_it_ends_by_itself_and_when_somebody_ends_it(link, sender, edition):
    with time_machine.travel(edition.created_at + timedelta(days=3, minutes=2)):
        assert Client().get(link).status_code == 404
    assert Client().get(link).status_code == 200
    sender.post(reverse("desk-revoke", args=[edition.pk]))
    assert Client().get(link).status_code == 404
    assert Client().get(f"{link}/html").status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 39, "9" * 500, "%00"])
def test_a_forged_one_shows_nothing(db, token):
    assert Client().get(f"/desk/look/{token}").status_code == 404
    assert Client().get(f"/desk/look/{token}/html").status_code == 404


def test_as_a_reader_it_has_their_name_and_no_token_that_works(sender, edition, newsletter):
    builders.add_readers(newsletter, 1)
    reader = Subscription.objects.get()
    response = sender.post(reverse("desk-look-as", args=[edition.pk]), {"email": "reader0@example.org"})
    assert response["Location"].endswith(f"?reader={reader.pk}")
    assert "As reader0@example.org gets it" in sender.get(response["Location"]).text
    mail = sender.get(reverse("desk-preview", args=[edition.pk, "html"]), {"reader": reader.pk}).text
    assert "@@" not in mail
    assert "/u/preview" in mail


def test_by_night_the_rules_for_the_night_hold_for_everybody(sender, edition):
    address = reverse("desk-preview", args=[edition.pk, "html"])
    by_itself = sender.get(address).text.count("prefers-color-scheme")
    assert by_itself
    for scheme, query in (("dark", "@media all"), ("light", "@media not all")):
        page = sender.get(address, {"scheme": scheme}).text
        assert page.count(query) == by_itself
        assert "prefers-color-scheme" not in page


@pytest.mark.parametrize("query", ["reader=x", "reader=99999999999999999999", "variant=nope", "scheme=%00", "width=9"])
def test_strange_wishes_are_answered_with_the_full_edition(sender, edition, query):
    assert sender.get(f"{reverse('desk-look', args=[edition.pk])}?{query}").status_code == 200
    assert "Analysis 0" in sender.get(f"{reverse('desk-preview', args=[edition.pk, 'html'])}?{query}").text
