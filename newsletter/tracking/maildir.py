"""A Maildir as mail servers fill it: new messages in new/, seen ones in cur/ (https://cr.yp.to/proto/maildir.html).

A folder without them is taken for plain files, which are read and never moved.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from newsletter.errors import UsageError
from newsletter.tracking.bounces.message import MOST_BYTES

SEEN, FLAGGED = "S", "F"


def messages(folder: Path, places: Sequence[str] = ("new", "cur")) -> Iterator[Path]:
    """The files of a Maildir, by name; links, pipes and what begins with a dot are none. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", hint="newsletter bounce read --maildir DIR")
    found = [folder / name for name in places if (folder / name).is_dir()] or [folder]
    for place in found:
        for path in sorted(place.iterdir()):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield path


def content(path: Path) -> bytes:
    """The first part of a message, which is all that is read. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def seen(path: Path, flag: str = SEEN) -> None:
    """A message that was dealt with goes from new/ to cur/, with a flag that mail programs show. Raises OSError.

    It is renamed within one file system, so it is never there twice and never nowhere.
    """
    if path.parent.name == "new":
        path.rename(path.parent.parent / "cur" / f"{path.name.partition(':2,')[0]}:2,{flag}")
