"""Readers' pages and mails speak every language whole, and what Django loads is what translators wrote."""

import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "newsletter" / "locale").glob("*/LC_MESSAGES/django.po"))
METHODS = [
    ("templates/pages/**.html", "jinja2"),
    ("newsletter/pages/**.py", "python"),
    ("newsletter/letters/reader_kinds.py", "python"),
    ("templates/email/**.html", "jinja2"),
    ("templates/email/**.txt", "jinja2"),
    ("newsletter/editions/blocks.py", "python"),
    ("newsletter/editions/render.py", "python"),
]


def catalogue_in(path: Path) -> Catalog:
    return read_po(io.BytesIO(path.read_bytes()), locale=path.parents[1].name, domain="django")


def test_there_is_a_catalogue_for_every_language_but_our_own():
    assert [path.parents[1].name for path in CATALOGUES] == [code for code, _ in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_every_sentence_is_translated(path):
    options = {"templates/pages/**.html": {"trimmed": "true"}}
    said = {found[2] for found in extract_from_dir(str(ROOT), METHODS, options) if found[2]}
    catalogue = catalogue_in(path)
    assert not {text for text in said if not (message := catalogue.get(text)) or not message.string or message.fuzzy}
    assert not list(catalogue.check())


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_what_is_loaded_was_made_from_the_catalogue(path):
    made = io.BytesIO()
    write_mo(made, catalogue_in(path))
    assert made.getvalue() == path.with_suffix(".mo").read_bytes(), "Run scripts/messages."
