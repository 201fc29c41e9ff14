"""A designer's own directory of templates."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import config, jinja


@pytest.fixture(autouse=True)
def _flags_end_with_the_test() -> Iterator[None]:
    flags = dict(config._flags)
    yield
    config._flags.clear()
    config.set_flags(flags)
    jinja.for_mail.cache_clear()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder that NEWSLETTER_TEMPLATES_DIR names, empty."""
    folder = tmp_path / "own"
    folder.mkdir()
    config.set_flags({"templates_dir": str(folder)})
    jinja.for_mail.cache_clear()
    return folder
