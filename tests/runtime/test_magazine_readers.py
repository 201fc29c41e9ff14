"""The demo's readers: a thousand, each once, all valid, none real, some awkward."""

import csv
from pathlib import Path

import pytest
from email_validator import validate_email

from newsletter.runtime.magazine.readers import readers, write_csv

RESERVED = ("example.org", "example.com", "example.net", ".example")


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, str]]:
    write_csv(tmp_path / "readers.csv")
    with (tmp_path / "readers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_a_thousand_and_each_address_is_there_once(rows: list[dict[str, str]]) -> None:
    assert len(rows) == 1000
    assert len({row["email"].casefold() for row in rows}) == 1000
    assert len({validate(row["email"]).casefold() for row in rows}) == 1000


def test_every_address_is_valid_and_reserved_for_examples(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert validate(row["email"])
        assert row["email"].casefold().endswith(RESERVED)
        assert row["email"].partition("@")[0].isascii()
        assert row["email"].partition("@")[0].count("\n") == 0


def validate(address: str) -> str:
    """The address with its domain in ASCII. Raises EmailNotValidError."""
    found = validate_email(address, check_deliverability=False, test_environment=True, allow_smtputf8=False)
    return found.ascii_email or ""


@pytest.mark.parametrize(
    "name",
    ["Łukasz Żółć", "Siobhán O'Brien", "@@TOKEN@@", "{{ name }}", "%(name)s", "=HYPERLINK(1)", "Rosa 🌻 Sommer", ""],
)
def test_the_awkward_names_survive_the_file(rows: list[dict[str, str]], name: str) -> None:
    assert name in {row["name"] for row in rows}


def test_no_name_holds_a_line_break_or_is_too_long(rows: list[dict[str, str]]) -> None:
    assert all(len(row["name"].splitlines()) <= 1 and len(row["name"]) <= 200 for row in rows)


def test_the_readers_are_always_the_same() -> None:
    assert readers() == readers()
    assert len(readers(5)) == 5
