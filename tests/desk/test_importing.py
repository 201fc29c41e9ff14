"""Readers from a file in the browser: looked at first, then taken in as it was looked at (T-10)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from newsletter import config
from newsletter.runtime import errands
from newsletter.subscribers.models import Subscriber, Subscription
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
FILE = "Contact,Who\nada@example.org,Ada\nnonsense,Nobody\nreader0@example.org,Back\n"


@pytest.fixture
def editor(as_role):
    return as_role("editor")


def upload(client, text, name="readers.csv"):
    return client.post(reverse("desk-import-upload"), {"file": SimpleUploadedFile(name, text.encode())})


def test_a_file_is_looked_at_and_taken_in_and_whoever_left_stays_gone(editor, newsletter):
    builders.add_readers(newsletter, 1, status="unsubscribed")
    address = upload(editor, FILE)["Location"]
    # Nobody knows what its columns are: the page says so, and nothing is stored
    said = {"map-1": "email", "map-2": "name", "people": "subscribed", "newsletter": newsletter.slug}
    assert "has no column called email" in editor.get(address).text
    page = editor.get(address, said).text
    assert "<dt>added</dt><dd>1</dd>" in page
    assert "Line 3:" in page
    assert Subscriber.objects.count() == 1
    # When it is taken in
    assert "It waits for a worker" in editor.post(f"{address}/take", said, follow=True).text
    assert errands.do_next()
    assert "Taken in: 1 added" in editor.get(reverse("desk-readers")).text
    assert Subscriber.objects.get(email="ada@example.org").name == "Ada"
    assert Subscription.objects.get(subscriber__email="reader0@example.org").status == "unsubscribed"
    assert editor.get(address).status_code == 404


@pytest.mark.parametrize("text", ["", "\0\0\0", "PK\x03\x04", "<html>", "a" * 100_000])
def test_what_is_no_table_is_refused_in_words(editor, newsletter, text):
    response = upload(editor, text)
    assert response.status_code == 302
    assert editor.get(response["Location"]).status_code == 200
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("token", ["x", "a" * 32, "..", "A" * 32])
def test_no_other_file_is_reached(editor, newsletter, token):
    (config.current().data_dir / "uploads" / ("a" * 32)).unlink(missing_ok=True)
    assert editor.get(f"/desk/readers/import/{token}").status_code == 404
