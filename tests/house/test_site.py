"""`make docs`: every document is a page that the side leads to, and a link into the void ends the build."""

from pathlib import Path

import pytest
from sphinx.cmd.build import build_main

from tests.house.documents import ROOT

# What our tools will give up one day is not what is asked here
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
THIRD_PARTIES = ('src="http', 'src="//', 'rel="stylesheet" href="http', "@import", "url(http")


def test_every_document_becomes_a_page_that_asks_nobody_else_for_anything(tmp_path, capsys):
    assert _built(ROOT, tmp_path) == 0, capsys.readouterr().err
    pages = {str(page.relative_to(tmp_path)) for page in (tmp_path / "docs").rglob("*.html")}
    assert pages == {str(page.relative_to(ROOT).with_suffix(".html")) for page in (ROOT / "docs").rglob("*.md")}
    assert (tmp_path / "index.html").read_bytes() == (tmp_path / "README.html").read_bytes()
    made = [page.read_text("utf-8") for pattern in ("*.html", "*.css") for page in tmp_path.rglob(pattern)]
    assert [word for word in THIRD_PARTIES if any(word in text for text in made)] == []


def test_what_leads_nowhere_ends_the_build_and_is_named(tmp_path, capsys):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(
        "# Ours\n\n## More\n\n- [A](docs/a.md#no-such-heading)\n- [B](docs/no-such.md)\n"
    )
    (tmp_path / "docs/a.md").write_text("# A\n")
    (tmp_path / "docs/forgotten.md").write_text("# Nobody leads here\n")
    assert _built(tmp_path, tmp_path / "site") != 0
    said = capsys.readouterr().err
    for what in ("no-such-heading", "docs/no-such", "forgotten.md: WARNING: document isn't included"):
        assert what in said


def _built(source: Path, target: Path) -> int:
    """As `make docs` does it, elsewhere; here and not in a process of its own, which would take seconds to load it."""
    options = ["-q", "-W", "--keep-going", "-d", str(target / ".doctrees"), "-c", str(ROOT / "docs/site")]
    return build_main([*options, str(source), str(target)])
