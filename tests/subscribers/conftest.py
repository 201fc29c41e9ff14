"""A newsletter, and files to import into it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import importer
from tests import builders


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    return builders.make_newsletter()


@pytest.fixture
def imported(tmp_path: Path, newsletter: Newsletter) -> Callable[..., importer.Report]:
    """Import a file with this content, text or bytes; gives the final result."""

    def import_(content: str | bytes, *, dry_run: bool = False) -> importer.Report:
        file = tmp_path / "readers.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(importer.import_csv(file, newsletter, None, dry_run=dry_run))[-1]

    return import_
