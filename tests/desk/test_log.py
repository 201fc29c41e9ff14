"""The record of who did what is told in words."""

import ast
from pathlib import Path

import pytest
from django.urls import reverse

import newsletter
from newsletter.desk.log_words import DONE, done
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff

WHERE = {"record": 1, "_become": 3}  # which argument is the verb


def verbs_of(tree):
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        at = WHERE.get(name)
        if at is not None and len(call.args) > at and isinstance(call.args[at], ast.Constant):
            yield call.args[at].value


def test_whatever_is_recorded_has_words():
    files = Path(newsletter.__file__).parent.rglob("*.py")
    verbs = {verb for file in files for verb in verbs_of(ast.parse(file.read_text(encoding="utf-8")))}
    assert {"approve", "hold", "login", "take-back"} <= verbs, "the search is wrong"
    assert {verb for verb in verbs if done(verb) not in DONE.values()} == set()


@pytest.mark.django_db
def test_an_entry_reads_as_a_sentence_and_names_people(as_role):
    other = Staff.objects.create(email="ben@example.org", name="Ben Okri", role="editor")
    audit.record(None, "login-link", f"staff {other.pk}")
    page = " ".join(as_role("admin").get(reverse("desk-log")).content.decode().split())
    assert "<strong>the system</strong> sent a login link to <a" in page
    assert f">{other}</a>" in page
