"""Every setting, and where its value came from: default < newsletter.toml < environment < flag.

Nothing else reads the environment or newsletter.toml. This module imports no Django, so `newsletter config show` and
`--help` answer at once. Secrets may also be given as NAME_FILE (environment) or name_file (newsletter.toml).
"""

import dataclasses
import difflib
import functools
import hashlib
import os
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from newsletter.errors import ConfigError

TRANSPORTS = ("outbox", "smtp", "sendgrid")
SOCKET_PATH_LIMIT = 100  # bytes, a little below the 107 of Linux and the 103 of macOS


def _switch(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.strip().lower() not in words:
        raise ValueError("use 1 or 0")
    return words[text.strip().lower()]


def _transport(text: str) -> str:
    if text not in TRANSPORTS:
        raise ValueError(f"use one of {', '.join(TRANSPORTS)}")
    return text


def _site_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise ValueError("use an address such as https://news.example.org")
    return text.rstrip("/")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("use a whole number from 1")
    return number


def _count_or_none(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("use a whole number from 0")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise ValueError("use a number of seconds above 0")
    return number


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _option(env: str, default: object, text: str, parse: Callable[[str], object] = str, *, secret: bool = False) -> Any:
    return dataclasses.field(
        default_factory=lambda: default, metadata={"env": env, "help": text, "parse": parse, "secret": secret}
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings as typed values; `sources` says where each came from."""

    data_dir: Path = _option(
        "NEWSLETTER_DATA_DIR", Path("var").resolve(), "Database, outbox, keys and the embedded server's files", _path
    )
    site_url: str = _option(
        "NEWSLETTER_SITE_URL", "http://127.0.0.1:8000", "The public address that links in mails point to", _site_url
    )
    secret_key: str = _option(
        "NEWSLETTER_SECRET_KEY", "", "Signs tokens and sessions; empty: made once, kept in the data directory",
        secret=True,
    )  # fmt: skip
    address_key: str = _option(
        "NEWSLETTER_ADDRESS_KEY", "", "Keys the hash of addresses, never change it; empty: as above", secret=True
    )
    database_url: str = _option(
        "DATABASE_URL", "", "postgresql://user:password@host/name; empty: SQLite in the data directory", secret=True
    )
    redis_url: str = _option(
        "REDIS_URL", "", "redis://host:6379/0; empty: `newsletter up` starts an embedded server", secret=True
    )
    transport: str = _option(
        "NEWSLETTER_TRANSPORT", "outbox", "Who gets the mail: outbox (stays here), smtp or sendgrid", _transport
    )
    smtp_url: str = _option("SMTP_URL", "", "smtp[s]://user:password@host:port", secret=True)
    sendgrid_api_key: str = _option("SENDGRID_API_KEY", "", "A key that may send mail", secret=True)
    sendgrid_api_url: str = _option(
        "SENDGRID_API_URL", "https://api.sendgrid.com", "SendGrid's address, or its EU one", _site_url
    )
    sendgrid_webhook_public_key: str = _option(
        "SENDGRID_WEBHOOK_PUBLIC_KEY", "", "Verifies events; from Mail Settings > Event Webhook"
    )
    allow_private_hosts: bool = _option(
        "NEWSLETTER_ALLOW_PRIVATE_HOSTS", False, "Let feeds and the site be loopback or private: tests, intranets",
        _switch,
    )  # fmt: skip
    bind: str = _option("NEWSLETTER_BIND", "127.0.0.1:8000", "Where the web listens")
    web_threads: int = _option("NEWSLETTER_WEB_THREADS", 8, "Requests that the web answers at once", _count)
    worker_processes: int = _option("NEWSLETTER_WORKER_PROCESSES", 2, "Processes of `run worker`", _count)
    batch_size: int = _option("NEWSLETTER_BATCH_SIZE", 500, "Readers handed to SendGrid at once, 1000 at most", _count)
    smtp_batch_size: int = _option(
        "NEWSLETTER_SMTP_BATCH_SIZE", 20, "Readers in a batch by SMTP: what one crash can leave unknown", _count
    )
    rate: int = _option(
        "NEWSLETTER_RATE", 0, "Copies a second that all workers together hand over; 0: no limit", _count_or_none
    )
    daily_quota: int = _option(
        "NEWSLETTER_DAILY_QUOTA", 0, "Copies a day (UTC) that the transport may be given; 0: no limit", _count_or_none
    )
    tick: float = _option("NEWSLETTER_TICK", 2.0, "Seconds between two looks at what is due", _seconds)
    lease: float = _option("NEWSLETTER_LEASE", 180.0, "Seconds a worker owns a batch", _seconds)
    task_limit: float = _option("NEWSLETTER_TASK_LIMIT", 150.0, "Seconds after which a task is killed", _seconds)
    hand_over_deadline: float = _option(
        "NEWSLETTER_HAND_OVER_DEADLINE", 120.0, "Seconds one hand-over may take", _seconds
    )
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def redis_socket(self) -> Path:
        """Where the embedded server listens. A unix socket's path must be short, so a deep one moves to /tmp."""
        path = self.data_dir / "redis.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"newsletter-{digest}" / "redis.sock"

    @property
    def redis_client_url(self) -> str:
        """As redis-py wants it."""
        return self.redis_url or f"unix://{quote(str(self.redis_socket))}"

    @property
    def broker_url(self) -> str:
        """As Celery wants it."""
        return self.redis_client_url.replace("unix://", "redis+socket://", 1)


OPTIONS = {field.name: field for field in dataclasses.fields(Config) if field.metadata}
_flags: dict[str, str] = {}


def set_flags(flags: Mapping[str, str]) -> None:
    """Remember what the command line said, as setting name to text; flags win over everything."""
    _flags.update(flags)
    current.cache_clear()


@functools.cache
def current() -> Config:
    """The settings of this process. Raises ConfigError with every fault found."""
    return load(os.environ, _flags)


def load(environment: Mapping[str, str], flags: Mapping[str, str] | None = None) -> Config:
    """Read all four levels. Raises ConfigError: unknown key, unreadable file, value of the wrong form."""
    file = _config_file(environment)
    texts: dict[str, tuple[str, str]] = {}
    if file is not None:
        texts |= _from_toml(file)
    texts |= _from_environment(environment)
    texts |= {name: (text, f"flag --{name.replace('_', '-')}") for name, text in (flags or {}).items()}
    config = _parsed(texts)
    _check_times(config)
    return config


def isolate(values: Mapping[str, str]) -> None:
    """Use these settings and no others, whatever file, environment and flags say, here and in child processes.

    For the demo: it must never touch somebody's real database or transport.
    """
    for field in OPTIONS.values():
        for name in (field.metadata["env"], f"{field.metadata['env']}_FILE"):
            os.environ.pop(name, None)
    os.environ["NEWSLETTER_CONFIG"] = os.devnull
    _flags.clear()
    set_flags(values)


def environment_of_children() -> dict[str, str]:
    """The environment that gives a child process the same settings, flags included."""
    values = {OPTIONS[name].metadata["env"]: text for name, text in _flags.items()}
    return {**os.environ, **values}


def key_file(config: Config, name: str) -> str:
    """A secret that this installation made for itself, kept 0600 in the data directory; made on first use."""
    path = config.data_dir / "keys" / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            # Linked into place when complete, so that two processes that start together agree on one key.
            draft = path.with_name(f".{name}.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"The data directory {config.data_dir} cannot be used: {error.strerror}.",
            hint="Choose another with NEWSLETTER_DATA_DIR, or mend its owner and mode.",
        ) from error


def shown(config: Config, name: str) -> str:
    """A value fit for the terminal: secrets are masked, and the password inside an address too."""
    value = getattr(config, name)
    if not OPTIONS[name].metadata["secret"] or not value:
        return str(value)
    url = urlsplit(str(value))
    if url.scheme and url.hostname:
        user = f"{url.username}:•••@" if url.password else ""
        port = f":{url.port}" if url.port else ""
        return urlunsplit((url.scheme, f"{user}{url.hostname}{port}", url.path, "", ""))
    return "•••"


def nearest(name: str, known: list[str]) -> str:
    """A closing half-sentence for an error about an unknown name."""
    match = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean {match[0]}?" if match else ""


def _config_file(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("NEWSLETTER_CONFIG")
    if named == os.devnull:
        return None
    path = Path(named or "newsletter.toml")
    if path.is_file():
        return path
    if named:
        raise ConfigError(f"The configuration file {named} does not exist.", hint="NEWSLETTER_CONFIG names it.")
    return None


def _from_toml(path: Path) -> dict[str, tuple[str, str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    found = {}
    for key, value in table.items():
        if key.endswith("_file") and _is_secret(key.removesuffix("_file")):
            found[key.removesuffix("_file")] = (_secret_from(str(value), key), f"{path} ({key})")
        elif key in OPTIONS and isinstance(value, str | int | float | bool):
            found[key] = (str(value), str(path))
        else:
            raise ConfigError(f"{path}: unknown setting {key}.{nearest(key, list(OPTIONS))}")
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    found = {}
    for name, field in OPTIONS.items():
        env = field.metadata["env"]
        if environment.get(env):
            found[name] = (environment[env], f"environment {env}")
        elif field.metadata["secret"] and environment.get(f"{env}_FILE"):
            text = _secret_from(environment[f"{env}_FILE"], f"{env}_FILE")
            found[name] = (text, f"environment {env}_FILE")
    _refuse_misspelt(environment)
    return found


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    # Only what resembles a setting is refused: Kubernetes puts NEWSLETTER_SERVICE_HOST and the like into the
    # environment of a service called newsletter.
    known = [field.metadata["env"] for field in OPTIONS.values()]
    known += [f"{env}_FILE" for env in known] + ["NEWSLETTER_CONFIG"]
    for name in environment:
        if name.startswith("NEWSLETTER_") and name not in known:
            match = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if match:
                raise ConfigError(f"Unknown setting {name} in the environment. Did you mean {match[0]}?")


def _is_secret(name: str) -> bool:
    return name in OPTIONS and bool(OPTIONS[name].metadata["secret"])


def _secret_from(file: str, named_by: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{named_by} names {file}, which cannot be read: {error.strerror}.") from error


def _parsed(texts: Mapping[str, tuple[str, str]]) -> Config:
    values: dict[str, Any] = {}
    sources = dict.fromkeys(OPTIONS, "default")
    for name, (text, source) in texts.items():
        try:
            values[name] = OPTIONS[name].metadata["parse"](text)
        except ValueError as error:
            said = "" if _is_secret(name) else f" {text!r}"
            raise ConfigError(f"{name} from {source}: cannot use{said}; {error}.") from error
        sources[name] = source
    return Config(**values, sources=sources)


def _check_times(config: Config) -> None:
    if not config.lease > config.task_limit > config.hand_over_deadline:
        raise ConfigError(
            "lease must be longer than task_limit, and task_limit longer than hand_over_deadline"
            f" (now {config.lease:g}, {config.task_limit:g} and {config.hand_over_deadline:g} seconds).",
            hint="Otherwise a batch could be swept while its worker still writes to the wire.",
        )
