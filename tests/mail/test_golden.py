"""The round-ups of the sample weeks, byte by byte: a change of look is seen in review, never by accident.

After a change that is meant, renew the files with `.venv/bin/python -m tests.mail.test_golden` and read their diff.
"""

import os
from pathlib import Path

import pytest

from newsletter.editions.render import render
from tests.mail.samples import sample_week, written_week

GOLDEN = Path(__file__).parent / "golden"


def parts() -> dict[str, str]:
    weeks = {"roundup": render(sample_week()), "written": render(written_week())}
    return {
        f"{name}.{form}": part
        for name, made in weeks.items()
        for form, part in (("html", made.html), ("txt", made.text))
    }


@pytest.mark.parametrize("name", ["roundup.html", "roundup.txt", "written.html", "written.txt"])
def test_the_sample_weeks_look_as_they_did(name):
    assert parts()[name] == (GOLDEN / name).read_text()


def renew() -> None:
    """Writes the files anew, with the settings that the tests run under."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
    import tests.conftest  # noqa: F401 - sets the address that the links begin with

    django.setup()
    GOLDEN.mkdir(exist_ok=True)
    for name, text in parts().items():
        (GOLDEN / name).write_text(text)


if __name__ == "__main__":
    renew()
