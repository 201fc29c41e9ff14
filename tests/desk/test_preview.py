"""The mail inside the desk: shown as it will arrive, in a box that nothing gets out of."""

import pytest
from django.urls import reverse

from newsletter.editions import approve, draft, edit
from newsletter.editions.models import Edition
from tests import builders

pytestmark = pytest.mark.django_db

EVIL = "<script>parent.alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def preview(sender, newsletter):
    def get(edition, form="html"):
        return sender.get(reverse("desk-preview", args=[edition.pk, form]))

    return get


def test_the_preview_is_sandboxed_wherever_it_is_opened(preview, edition):
    response = preview(edition)
    policy = [part.strip() for part in response["Content-Security-Policy"].split(";")]
    assert any(part.startswith("sandbox") for part in policy)
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert not [part for part in policy if part.startswith(("script-src", "form-action"))]
    assert "allow-scripts" not in response["Content-Security-Policy"]
    assert "allow-same-origin" not in response["Content-Security-Policy"]
    assert response["Content-Type"].startswith("text/html")
    assert response["Cache-Control"] == "no-store"


def test_the_frame_around_it_is_sandboxed_too(sender, edition):
    page = sender.get(reverse("desk-edition", args=[edition.pk])).text
    assert 'sandbox="" src="/desk/editions/' in page


def test_a_script_in_a_title_is_inert_text(preview, newsletter):
    builders.make_article("Evil", hours_ago=1)
    builders.make_article("Other", hours_ago=2)
    edition = draft.compose_special(newsletter).edition
    for item in edition.items.all():
        edit.edit_item(item, headline=EVIL, dek=EVIL)
    edit.edit_words(edition, subject=EVIL, preheader=EVIL, note=EVIL)
    html = preview(edition).text
    assert "<script" not in html
    assert "<img src=x" not in html.replace('"', "")
    assert "&lt;script&gt;parent.alert(1)&lt;/script&gt;" in html


def test_the_text_part_is_served_as_text(preview, edition):
    response = preview(edition, "text")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Analysis 0" in response.text


def test_a_browser_that_asks_for_an_icon_is_told_that_there_is_none(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 204
    assert "max-age" in response["Cache-Control"]


@pytest.mark.parametrize("form", ["xml", "HTML", "txt", "../x", "%00"])
def test_other_forms_do_not_exist(sender, edition, form):
    assert sender.get(f"/desk/editions/{edition.pk}/preview.{form}").status_code == 404


def test_once_approved_the_preview_is_what_was_approved(preview, edition):
    approve.approve(edition, None)
    approved = edition.renderings.get().html
    edition.items.first().article.__class__.objects.update(title="Changed since")
    assert preview(edition).text == approved


def test_a_mail_that_cannot_be_made_says_why_in_its_place(preview, edition):
    Edition.objects.filter(pk=edition.pk).update(note="word " * 30_000)
    response = preview(edition)
    assert response.status_code == 409
    assert response["Content-Type"].startswith("text/plain")
    assert "Gmail" in response.text
