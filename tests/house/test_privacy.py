"""docs/privacy.md names every column that may hold something about a person."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from tests.house.documents import ROOT

TEXT = (ROOT / "docs/privacy.md").read_text("utf-8")
PERSONAL, FREE = TEXT.split("## Free of personal data")
PEOPLE = ("Subscriber", "Subscription", "Staff")
HOLD_TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def test_every_column_that_may_hold_something_about_a_person_is_listed():
    listed = set(_personal()) | set(_free())
    assert sorted(set(_columns()) - listed) == []
    assert sorted(listed - set(_columns())) == []


def test_no_column_is_both():
    assert set(_personal()) & set(_free()) == set()


def test_every_personal_column_has_a_purpose_and_a_term():
    rows = [line.strip("|\n ").split("|") for line in PERSONAL.splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if len(row) != 3 or not all(cell.strip() for cell in row)] == []


def _columns() -> Iterator[str]:
    """Text without a list of choices, and what points to a person."""
    for model in apps.get_app_config("newsletter").get_models():
        for field in model._meta.concrete_fields:
            points = field.is_relation and field.related_model.__name__ in PEOPLE
            if points or (isinstance(field, HOLD_TEXT) and not field.choices and not field.is_relation):
                yield f"{model.__name__}.{field.name}"


def _personal() -> Iterator[str]:
    yield from re.findall(r"^\| `(\w+\.\w+)` \|", PERSONAL, re.MULTILINE)


def _free() -> Iterator[str]:
    for model, names in re.findall(r"(?:^- |· )(\w+): ([^·\n]+)", FREE, re.MULTILINE):
        yield from (f"{model}.{name}" for name in re.findall(r"`(\w+)`", names))
