"""The sample weeks and the letters, byte by byte: a change of look is seen in review, never by accident.

After a change that is meant, renew the files with `.venv/bin/python -m tests.mail.test_golden` and read their diff.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest

from newsletter.editions.render import render
from tests.mail.samples import sample_week, written_week

GOLDEN = Path(__file__).parent / "golden"
LETTERS = ("confirmation", "welcome", "goodbye", "fresh-link", "edition-report", "alerts")
NAMES = (
    "roundup.html", "roundup.txt", "written.html", "written.txt", "correction.txt", "confirmation.html",
    *(f"{kind}.txt" for kind in LETTERS),
)  # fmt: skip
_TOKEN = re.compile(r"(?<=/)[\w-]{34,}")


@cache
def parts() -> dict[str, str]:
    """By file name. Letters have their subject above the text, and one token for all: each run has keys of its own."""
    from tests.gates.mails import all_letters, all_mails  # models: only once Django is set up

    weeks = {"roundup": render(sample_week()), "written": render(written_week())}
    weeks["correction"] = all_mails()["roundup-correction"]
    found = {
        f"{name}.{form}": part
        for name, made in weeks.items()
        for form, part in (("html", made.html), ("txt", made.text))
    }
    for kind, made in all_letters().items():
        found[f"{kind}.txt"] = _TOKEN.sub("TOKEN", f"Subject: {made.subject}\n\n{made.text}")
        found[f"{kind}.html"] = _TOKEN.sub("TOKEN", made.html)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_mails_look_as_they_did(name):
    assert parts()[name] == (GOLDEN / name).read_text()


def renew() -> None:
    """Writes the files anew, with the settings that the tests run under."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
    import tests.conftest  # noqa: F401 - sets the address that the links begin with

    django.setup()
    GOLDEN.mkdir(exist_ok=True)
    for name in NAMES:
        (GOLDEN / name).write_text(parts()[name])


if __name__ == "__main__":
    renew()
