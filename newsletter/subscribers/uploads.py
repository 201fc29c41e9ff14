"""Files of readers that staff uploaded: they wait for somebody's decision, a day at most."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsletter import config

KEPT = timedelta(days=1)


def folder() -> Path:
    """Where they lie, on the machine that took them."""
    made = config.current().data_dir / "uploads"
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return made


def old(before: datetime) -> list[Path]:
    """Those from before a moment."""
    return [each for each in folder().iterdir() if datetime.fromtimestamp(each.stat().st_mtime, UTC) < before]


def sweep(before: datetime, most: int) -> int:
    """Delete so many of those; returns how many."""
    found = old(before)[:most]
    for each in found:
        each.unlink(missing_ok=True)
    return len(found)
