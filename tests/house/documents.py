"""Reading our own documents: tables, code blocks, links."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tracked(*patterns: str) -> list[Path]:
    """The files under version control, by git's own patterns."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def table(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of the README, without its own heading and rule."""
    _, found, rest = README.partition(f"\n{heading}\n")
    assert found, f"README.md has no heading {heading!r}"
    section = re.split(r"\n#+ ", rest)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def commands_shown(document: str) -> Iterator[str]:
    """Every line of a ```sh block that starts with `newsletter`, continued lines joined."""
    for block in re.findall(r"^```sh\n(.*?)^```", document, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("newsletter "):
                yield line.partition("  #")[0]


def links(document: str) -> set[str]:
    """The relative targets of a document's links and pictures, without their anchors."""
    targets = re.findall(r"\]\(([^)\s]+)\)", document) + re.findall(r'(?:src|href)="([^"]+)"', document)
    return {target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")}


def modules(document: str) -> set[str]:
    """The Python files that a document names, such as `feeds/fetch.py`."""
    return set(re.findall(r"`([\w/]+\.py)`", document))
