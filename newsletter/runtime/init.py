"""newsletter init: a newsletter.toml with keys of its own, and the first newsletter. What is there already stays."""

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter import config as settings
from newsletter.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from newsletter.newsletters.models import Newsletter

KEYS = ("secret_key", "address_key")
HEADER = """# Written by `newsletter init`. It holds secrets: keep it to yourself; back it up, apart from the database.
# Every other setting: newsletter config example
"""


@dataclass(frozen=True)
class Publication:
    """The first newsletter. `schedule` is a weekday, a time and a zone: "thursday 07:00 America/New_York"."""

    name: str
    sender: str
    schedule: str
    postal_address: str = ""


def write_config(path: Path, given: Mapping[str, str]) -> bool:
    """Write the settings that were given, with keys of its own. False where the file exists: it is left as it is.

    Keys that an installation already made in its data directory stay in force, so none is written over them.
    Raises ConfigError.
    """
    if path.exists():
        return False
    keys = {name: secrets.token_urlsafe(48) for name in KEYS if not _made_before(name, given)}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in {**given, **keys}.items()]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(HEADER + "\n".join(lines) + "\n")
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}.", hint="Start where you may write, or set NEWSLETTER_CONFIG."
        ) from error
    settings.current.cache_clear()
    return True


def check(given: Mapping[str, str]) -> None:
    """Refuse settings that could not be used, before anything is written. Raises ConfigError."""
    from newsletter.transports import choose

    environment = {settings.OPTIONS[name].metadata["env"]: text for name, text in given.items() if text}
    choose.check(settings.load({**environment, "NEWSLETTER_CONFIG": os.devnull}))


def add_newsletter(publication: Publication) -> "Newsletter":
    """The first newsletter, with the default sections. Raises UsageError."""
    from newsletter.newsletters import setup

    values = {
        "sender_name": publication.name,
        "sender_email": publication.sender,
        "postal_address": publication.postal_address,
        **read_schedule(publication.schedule),
    }
    return setup.add(publication.name, values, [], None, later=["postal_address"])


def read_schedule(text: str) -> dict[str, Any]:
    """The columns that a schedule sets. Raises UsageError."""
    from newsletter.newsletters import setup

    parts = text.split()
    if len(parts) != 3:  # noqa: PLR2004 # a weekday, a time, a zone
        raise UsageError(
            f"{text!r} is no schedule.", hint="A weekday, a time and a zone, such as: thursday 07:00 America/New_York"
        )
    return {"weekday": setup.weekday(parts[0]), "send_time": setup.clock(parts[1]), "zone": setup.zone(parts[2])}


def local_zone() -> str:
    """The zone of this machine, as far as it says; else UTC."""
    with contextlib.suppress(OSError, ValueError):
        parts = Path("/etc/localtime").resolve(strict=True).parts
        return "/".join(parts[parts.index("zoneinfo") + 1 :]) or "UTC"
    return "UTC"


def _made_before(name: str, given: Mapping[str, str]) -> bool:
    folder = Path(given["data_dir"]) if "data_dir" in given else settings.current().data_dir
    return (folder / "keys" / name).exists()
