"""One's own templates: shipped ones copied to be changed, and which of them have since been changed by us."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from newsletter import jinja
from newsletter.config_sources import nearest
from newsletter.errors import ConfigError, UsageError

RECORD = "originals.json"
State = Literal["changed", "as shipped", "behind", "your own", "of unknown origin"]


@dataclass(frozen=True)
class Override:
    """A template of one's own. One that is `behind` was copied from an original that has changed since."""

    name: str
    state: State


MAILS, PAGES = "email", "pages"


def shipped(*folders: str) -> list[str]:
    """The names of all templates of mails and of readers' pages, such as email/blocks/story.html, or of one kind."""
    root = jinja.directory()
    files = (path for folder in folders or (MAILS, PAGES) for path in (root / folder).rglob("*.*"))
    return sorted(path.relative_to(root).as_posix() for path in files)


def copy(names: Sequence[str], folder: Path) -> list[Path]:
    """Copy these templates, those of all mails where none is named, and note what they were.

    Raises UsageError; overwrites nothing.
    """
    known = shipped()
    for name in names:
        if name not in known:
            raise UsageError(f"There is no template {name}.{nearest(name, known)}", hint="newsletter theme new --list")
    wanted = {name: folder / name for name in names or shipped(MAILS)}
    if there := [path for path in wanted.values() if path.exists()]:
        raise UsageError(f"{there[0]} is there already; nothing was copied.", hint="Move it away, or name others.")
    record = _record(folder)
    for name, path in wanted.items():
        original = (jinja.directory() / name).read_bytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(original)
        record[name] = _digest(original)
    (folder / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return list(wanted.values())


def overrides(folder: Path) -> list[Override]:
    """Every template in one's own directory."""
    record = _record(folder)
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".txt"))
    return [
        Override(name, _state(path, name, record)) for path in found for name in [path.relative_to(folder).as_posix()]
    ]


def _state(path: Path, name: str, record: dict[str, str]) -> State:
    original = jinja.directory() / name
    if not original.is_file():
        return "your own"
    now = _digest(original.read_bytes())
    if _digest(path.read_bytes()) == now:
        return "as shipped"
    if name not in record:
        return "of unknown origin"
    return "changed" if record[name] == now else "behind"


def _record(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder / RECORD} cannot be read: {error}.", hint="Restore it, or delete it.") from error
    return {str(name): str(digest) for name, digest in found.items()} if isinstance(found, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
