"""The round-up of the sample week, byte by byte: a change of look is seen in review, never by accident.

After a change that is meant, renew the files with `.venv/bin/python -m tests.mail.test_golden` and read their diff.
"""

import os
from pathlib import Path

import pytest

from newsletter.editions.render import Rendered, render
from tests.mail.samples import sample_week

GOLDEN = Path(__file__).parent / "golden"


def parts(rendered: Rendered) -> dict[str, str]:
    return {"roundup.html": rendered.html, "roundup.txt": rendered.text}


@pytest.mark.parametrize("name", ["roundup.html", "roundup.txt"])
def test_the_sample_week_looks_as_it_did(name):
    assert parts(render(sample_week()))[name] == (GOLDEN / name).read_text()


def renew() -> None:
    """Writes the files anew, with the settings that the tests run under."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
    import tests.conftest  # noqa: F401 - sets the address that the links begin with

    django.setup()
    GOLDEN.mkdir(exist_ok=True)
    for name, text in parts(render(sample_week())).items():
        (GOLDEN / name).write_text(text)


if __name__ == "__main__":
    renew()
