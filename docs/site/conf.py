"""How `make docs` makes the site: the Markdown files as they stand, each in its place, with the README as first page.

What stands at the side is read from the documents: under the heading "More" or "All of them", a table's rows
`| for whom | [page](…) · [page](…) |`, or a list. A page that no such list names is a warning, which ends the build.
"""

import re
import shutil
from pathlib import Path
from typing import Any

project = "newsletter"
html_title = "newsletter"
root_doc = "README"
include_patterns = ["*.md", "docs/**.md", "templates/*.md"]
exclude_patterns = [".*", "build", "newsletter", "tests", "var"]  # large, and without a page of ours
extensions = ["myst_parser"]
myst_heading_anchors = 4  # with the names that a code host gives them

html_theme = "furo"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#9b1c1f", "color-brand-content": "#9b1c1f"},
    "dark_css_variables": {"color-brand-primary": "#f0a3a0", "color-brand-content": "#f0a3a0"},
}

_LISTS = re.compile(r"^## (?:More|All of them)$", re.MULTILINE)
_PAGE = re.compile(r"\]\(([^):#]+)\.md\)")


def side(text: str) -> str:
    """A document with its list of pages as Sphinx wants it, out of sight at the end; without a list, as it is."""
    trees = []
    for line in _LISTS.split(text)[-1].splitlines() if _LISTS.search(text) else []:
        if pages := _PAGE.findall(line):
            caption = [f":caption: {line.strip('| ').partition(' | ')[0].capitalize()}"] if line.startswith("|") else []
            trees.append("\n".join(["```{toctree}", ":hidden:", *caption, "", *pages, "```"]))
    return "\n\n".join([text, *trees])


def _add_side(_app: Any, _name: str, source: list[str]) -> None:
    source[0] = side(source[0])


def _open_with_the_readme(app: Any, error: Exception | None) -> None:
    if not error and app.builder.format == "html":
        shutil.copy(Path(app.outdir) / "README.html", Path(app.outdir) / "index.html")


def setup(app: Any) -> None:
    app.connect("source-read", _add_side)
    app.connect("build-finished", _open_with_the_readme)
