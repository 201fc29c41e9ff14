"""Who may open and press what: every address of the desk against every role, walked from the URLconf."""

import pytest
from django.apps import apps
from django.urls import reverse

from newsletter.desk.urls import urlpatterns
from newsletter.editions.models import Item
from newsletter.newsletters.models import DeskSession, Right, Role

pytestmark = pytest.mark.django_db

# The whole desk. An address that is missing here fails the first test: decide who may use it, then add its row.
SHOWS = {
    "desk": Right.VIEW,
    "desk-edition": Right.VIEW,
    "desk-counts": Right.VIEW,
    "desk-preview": Right.VIEW,
    "desk-editions": Right.VIEW,
    "desk-check": Right.VIEW,
    "desk-look": Right.VIEW,
    "desk-report": Right.VIEW,
    "desk-report-csv": Right.VIEW,
    "desk-stories": Right.VIEW,
    "desk-item": Right.EDIT,
    "desk-readers": Right.VIEW,
    "desk-reader": Right.VIEW,
    "desk-import": Right.EDIT,
    "desk-feeds": Right.VIEW,
    "desk-outbox": Right.VIEW,
    "desk-message": Right.VIEW,
    "desk-message-html": Right.VIEW,
    "desk-message-text": Right.VIEW,
    "desk-newsletters": Right.VIEW,
    "desk-newsletter": Right.VIEW,
    "desk-health": Right.VIEW,
    "desk-errands": Right.VIEW,
    "desk-me": Right.VIEW,
    "desk-second-step": Right.VIEW,
    "desk-staff": Right.ADMIN,
    "desk-log": Right.VIEW,
}
ACTS = {
    "desk-compose": Right.EDIT,
    "desk-words": Right.EDIT,
    "desk-special": Right.EDIT,
    "desk-correct": Right.EDIT,
    "desk-frame": Right.EDIT,
    "desk-unknown": Right.SEND,
    "desk-item-edit": Right.EDIT,
    "desk-item-move": Right.EDIT,
    "desk-item-drop": Right.EDIT,
    "desk-undo": Right.EDIT,
    "desk-write": Right.EDIT,
    "desk-take": Right.EDIT,
    "desk-pin": Right.EDIT,
    "desk-hold": Right.EDIT,
    "desk-add-address": Right.EDIT,
    "desk-collect": Right.EDIT,
    "desk-share": Right.EDIT,
    "desk-revoke": Right.EDIT,
    "desk-look-as": Right.VIEW,
    "desk-ask-links": Right.EDIT,
    "desk-test": Right.EDIT,
    "desk-waive": Right.SEND,
    "desk-take-back": Right.SEND,
    "desk-reader-add": Right.EDIT,
    "desk-import-upload": Right.EDIT,
    "desk-import-take": Right.EDIT,
    "desk-suppress": Right.EDIT,
    "desk-release": Right.EDIT,
    "desk-erase": Right.EDIT,
    "desk-unsubscribe": Right.EDIT,
    "desk-feed-add": Right.EDIT,
    "desk-feed-pause": Right.EDIT,
    "desk-feed-remove": Right.EDIT,
    "desk-health-look": Right.EDIT,
    "desk-newsletter-change": Right.ADMIN,
    "desk-approve": Right.SEND,
    "desk-schedule": Right.SEND,
    "desk-reopen": Right.SEND,
    "desk-pause": Right.SEND,
    "desk-resume": Right.SEND,
    "desk-cancel": Right.SEND,
    "desk-my-reports": Right.VIEW,
    "desk-password": Right.VIEW,
    "desk-second-step-set": Right.VIEW,
    "desk-codes": Right.VIEW,
    "desk-sessions": Right.VIEW,
    "desk-invite": Right.ADMIN,
    "desk-role": Right.ADMIN,
    "desk-active": Right.ADMIN,
    "desk-second-step-take": Right.ADMIN,
}
OPEN = {"desk-login", "desk-login-link", "desk-login-password", "desk-login-mail", "desk-code", "desk-logout"}
OPEN |= {"desk-guest", "desk-guest-mail", "desk-guest-text"}
MAY = {
    None: set(),
    Role.VIEWER: {Right.VIEW},
    Role.EDITOR: {Right.VIEW, Right.EDIT},
    Role.SENDER: {Right.VIEW, Right.EDIT, Right.SEND},
    Role.ADMIN: {Right.VIEW, Right.EDIT, Right.SEND, Right.ADMIN},
}


def everything():
    """All rows of all our tables but sessions, to see that nothing changed."""
    models = [each for each in apps.get_models() if each._meta.app_label == "newsletter" and each is not DeskSession]
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def test_every_address_of_the_desk_declares_who_may_use_it():
    for pattern in urlpatterns:
        if pattern.name in OPEN:
            assert not hasattr(pattern.callback, "right")
        else:
            assert pattern.callback.right == {**SHOWS, **ACTS}.get(pattern.name), pattern.name
    assert {pattern.name for pattern in urlpatterns} == {*SHOWS, *ACTS, *OPEN}


@pytest.mark.parametrize("role", MAY, ids=str)
@pytest.mark.parametrize("name", SHOWS)
def test_a_page_opens_for_those_with_the_right_only(as_role, address, role, name):
    response = as_role(role).get(address(name))
    if role is None:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("desk-login"))
    elif SHOWS[name] in MAY[role]:
        assert response.status_code in (200, 286)
        assert response["Cache-Control"] == "no-store"
    else:
        assert response.status_code == 403


@pytest.mark.parametrize("role", MAY, ids=str)
@pytest.mark.parametrize("name", ACTS)
def test_an_act_happens_for_those_with_the_right_only(as_role, address, role, name):
    client, target = as_role(role), address(name)
    before = everything()
    response = client.post(target, {"newsletter": "the-meridian", "subject": "X", "headline": "X", "dropped": "1"})
    if ACTS[name] in MAY[role]:
        assert response.status_code in (302, 422)  # done, or the form again with what it lacks
        assert not response.get("Location", "").startswith(reverse("desk-login"))
        return
    assert response.status_code == (302 if role is None else 403)
    assert role is not None or response["Location"].startswith(reverse("desk-login"))
    assert everything() == before


@pytest.mark.parametrize("role", [None, "admin"])
@pytest.mark.parametrize("name", [*ACTS, "desk-logout"])
def test_only_post_acts(as_role, address, role, name):
    client, target = as_role(role), address(name)
    before = everything()
    for method in (client.get, client.head, client.options, client.put, client.delete):
        assert method(target).status_code == 405
    assert everything() == before


@pytest.mark.parametrize("name", sorted([*ACTS, *SHOWS, *OPEN]))
def test_without_its_token_no_form_does_anything(as_role, address, name):
    client, target = as_role("admin", csrf=True), address(name)
    session = client.session.session_key
    before = everything()
    for method in (client.post, client.put, client.patch, client.delete):
        for forged in ({}, {"csrfmiddlewaretoken": ""}, {"csrfmiddlewaretoken": "x" * 64}):
            response = method(target, forged)
            assert response.status_code == 403
            assert "Nothing was changed" in response.text
    assert everything() == before
    assert client.session.session_key == session


def test_a_form_from_another_site_does_nothing_even_with_a_token(as_role, address):
    client = as_role("admin", csrf=True)
    client.get(address("desk-edition"))
    token = client.cookies["csrftoken"].value
    fields = {"csrfmiddlewaretoken": token, "dropped": "1"}
    target = address("desk-item-drop")
    assert client.post(target, fields, headers={"Origin": "https://evil.example"}).status_code == 403
    assert not Item.objects.filter(dropped=True).exists()
    assert client.post(target, fields).status_code == 302
    assert Item.objects.filter(dropped=True).count() == 1


def test_a_role_that_changes_counts_from_the_next_request_on(as_role, address, django_user_model):
    client = as_role("sender")
    assert client.post(address("desk-approve")).status_code == 302
    django_user_model.objects.update(role="viewer")
    assert client.post(address("desk-reopen"))["Location"].startswith(reverse("desk-login"))
    assert as_role("sender").post(address("desk-reopen")).status_code == 403
    django_user_model.objects.update(is_active=False)
    assert client.get(address("desk")).status_code == 302


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_no_button_is_shown_that_would_be_refused(as_role, address, role):
    page = as_role(role).get(address("desk-edition")).text
    for name, right in ACTS.items():
        assert right in MAY[Role(role)] or f'action="{address(name)}"' not in page, name


@pytest.mark.parametrize("name", [*SHOWS, "desk-login"])
def test_every_page_says_how_it_may_be_used(as_role, address, name):
    headers = as_role("admin").get(address(name)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy.partition("style-src")[0]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
