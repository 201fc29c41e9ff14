"""The pages for what went wrong: plain words, and nothing about the inside."""

import pytest
from django.test import Client
from django.urls import reverse

from newsletter.subscribers import tokens


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/nothing", "/desk/nothing", "/static/nothing.css", "/u/", "/u/a/b", "/%00", "/desk//"]
)
def test_an_unknown_address_is_not_found_in_plain_words(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "There is nothing at this address." in response.text


def test_the_health_page_asks_no_database(client):
    # Without the django_db mark any query would fail this test.
    response = client.get("/livez")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_a_fault_of_ours_shows_a_page_and_none_of_its_inside(monkeypatch):
    # The database is down, too: the page for it must not need one.
    def broken(_token):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(tokens, "subscription_for", broken)
    response = Client(raise_request_exception=False).get("/u/x")
    assert response.status_code == 500
    assert "The fault is ours" in response.text
    assert "secret detail" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.django_db
def test_what_belongs_to_no_newsletter_speaks_the_browsers_language(client):
    french = {"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"}
    assert "Il n’y a rien à cette adresse." in client.get("/nothing", headers=french).text
    assert '<html lang="fr"' in client.get("/u/x", headers=french).text
    assert "Ce lien est inconnu" in client.get("/u/x", headers=french).text
    assert "This link is not known" in client.get("/u/x", headers={"Accept-Language": "pt-BR, *;q=0.1"}).text
    assert "There is nothing at this address." in client.get("/desk/nothing", headers=french).text


@pytest.mark.django_db
def test_the_front_door_leads_to_the_desk(client):
    assert client.get("/")["Location"] == reverse("desk")
    assert reverse("desk-login") in client.get(reverse("desk"))["Location"]


def test_a_strange_host_is_refused(client):
    response = client.get("/livez", headers={"Host": "evil.example"})
    assert response.status_code in (200, 400)  # livez needs no host; what builds links does
    assert client.get("/desk/login", headers={"Host": "evil.example"}).status_code == 400


def test_the_stylesheet_is_served(client):
    assert client.get("/static/newsletter/newsletter.css").status_code == 200
