"""Bylines become persons with roles."""

import pytest

from newsletter.feeds import bylines
from newsletter.feeds.values import Person


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Jane Doe", [("Jane Doe", "")]),
        ("By Jane Doe and John Smith", [("Jane Doe", ""), ("John Smith", "")]),
        ("by Jane Doe, John Smith, and Ann Lee", [("Jane Doe", ""), ("John Smith", ""), ("Ann Lee", "")]),
        ("Jane Doe & John Smith", [("Jane Doe", ""), ("John Smith", "")]),
        ("Jane Doe; John Smith", [("Jane Doe", ""), ("John Smith", "")]),
        ("Jane Doe, senior editor", [("Jane Doe", "senior editor")]),
        ("Jane Doe | Staff Writer", [("Jane Doe", "Staff Writer")]),
        ("John Smith, Jr.", [("John Smith, Jr.", "")]),
        ("John Smith Jr. and Ann Lee", [("John Smith Jr.", ""), ("Ann Lee", "")]),
        ("Ann Lee, Ph.D., and Bo Ek", [("Ann Lee, Ph.D.", ""), ("Bo Ek", "")]),
        ("Sandra Brandt", [("Sandra Brandt", "")]),
        ("DAVID PORTER", [("David Porter", "")]),
        ("AFP", [("AFP", "")]),
        ("desk@x.example (Jane Doe)", [("Jane Doe", "")]),
        ("desk@x.example", []),
        ("https://www.facebook.com/jane", []),
        ("admin", []),
        ("", []),
        ("Jane <b>Doe</b> &amp; Zoë O&#8217;Neil", [("Jane Doe", ""), ("Zoë O’Neil", "")]),
        ("مريم حسن", [("مريم حسن", "")]),
        ("Doe, Jane; Smith, John", [("Jane Doe", ""), ("John Smith", "")]),
        ("O’Neil, Zoë Ann", [("Zoë Ann O’Neil", "")]),
        ("Doe, Jane; Ann Lee", [("Doe", ""), ("Jane", ""), ("Ann Lee", "")]),
        ("Brandt, Editor", [("Brandt", "Editor")]),
        ("Jane Doe, fellow; Jun Sato, editor", [("Jane Doe", "fellow"), ("Jun Sato", "editor")]),
        ("Dr. Jane Doe, Senior Fellow, Institute of Peace", [("Dr. Jane Doe", "Senior Fellow, Institute of Peace")]),
        ("Jane Doe is a fellow at the Harrow Institute.", [("Jane Doe", "fellow at the Harrow Institute")]),
    ],
)
def test_a_byline_is_split_into_people(text: str, people: list[tuple[str, str]]) -> None:
    assert bylines.split(text) == tuple(Person(name, role) for name, role in people)


def test_everybody_is_named_once_and_a_role_is_kept() -> None:
    assert bylines.gather(["Jane Doe", "By jane doe, editor", "Bo Ek"]) == (
        Person("jane doe", "editor"),
        Person("Bo Ek"),
    )


def test_a_thousand_authors_are_a_dozen() -> None:
    assert len(bylines.gather(f"Person {chr(97 + n % 26)}{n}" for n in range(1000))) == bylines.MOST
