"""Every setting, and where its value came from: default < newsletter.toml < environment < flag.

Nothing else reads the environment or newsletter.toml. This module imports no Django, so `newsletter config show` and
`--help` answer at once. Secrets may also be given as NAME_FILE (environment) or name_file (newsletter.toml).
"""

import dataclasses
import functools
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from newsletter import config_sources
from newsletter import config_values as values
from newsletter.errors import ConfigError

SOCKET_PATH_LIMIT = 100  # bytes, a little below the 107 of Linux and the 103 of macOS


def _option(env: str, default: object, text: str, parse: Callable[[str], object] = str, *, secret: bool = False) -> Any:
    return dataclasses.field(
        default_factory=lambda: default, metadata={"env": env, "help": text, "parse": parse, "secret": secret}
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings as typed values; `sources` says where each came from."""

    data_dir: Path = _option(
        "NEWSLETTER_DATA_DIR",
        Path("var").resolve(),
        "Database, outbox, keys and the embedded server's files",
        values.path,
    )
    site_url: str = _option(
        "NEWSLETTER_SITE_URL",
        "http://127.0.0.1:8000",
        "The public address that links in mails point to",
        values.site_url,
    )
    secret_key: str = _option(
        "NEWSLETTER_SECRET_KEY", "", "Signs tokens and sessions; empty: made once, kept in the data directory",
        secret=True,
    )  # fmt: skip
    old_secret_keys: str = _option(
        "NEWSLETTER_OLD_SECRET_KEYS", "", "Former secret keys, comma-separated: links that they signed stay valid",
        secret=True,
    )  # fmt: skip
    address_key: str = _option(
        "NEWSLETTER_ADDRESS_KEY", "", "Keys the hash of addresses, never change it; empty: as above", secret=True
    )
    database_url: str = _option(
        "DATABASE_URL", "", "postgresql://user:password@host/name; empty: SQLite in the data directory",
        values.address_of("postgresql://", "postgres://", "sqlite:///"), secret=True,
    )  # fmt: skip
    redis_url: str = _option(
        "REDIS_URL", "", "redis://host:6379/0; empty: `newsletter up` starts an embedded server",
        values.address_of("redis://", "rediss://", "unix://"), secret=True,
    )  # fmt: skip
    transport: str = _option(
        "NEWSLETTER_TRANSPORT", "outbox", "Who gets the mail: outbox (stays here), smtp or sendgrid", values.transport
    )
    smtp_url: str = _option(
        "SMTP_URL", "", "smtp[s]://user:password@host:port", values.address_of("smtp://", "smtps://"), secret=True
    )
    sendgrid_api_key: str = _option("SENDGRID_API_KEY", "", "A key that may send mail", secret=True)
    sendgrid_api_url: str = _option(
        "SENDGRID_API_URL",
        "https://api.sendgrid.com",
        "SendGrid's address; in the EU https://api.eu.sendgrid.com",
        values.site_url,
    )
    sendgrid_webhook_public_key: str = _option(
        "SENDGRID_WEBHOOK_PUBLIC_KEY", "", "Verifies SendGrid's events; two with a comma between while you change it",
        values.webhook_keys,
    )  # fmt: skip
    dkim_domain: str = _option(
        "NEWSLETTER_DKIM_DOMAIN", "", "Signs mail by SMTP: the domain, From's or above", values.domain
    )
    dkim_selector: str = _option(
        "NEWSLETTER_DKIM_SELECTOR", "", "Where the key's public half is: SELECTOR._domainkey.DOMAIN", values.domain
    )
    dkim_key: str = _option(
        "NEWSLETTER_DKIM_KEY", "", "The private RSA key in PEM form, 2048 bits or more", secret=True
    )
    bounce_address: str = _option(
        "NEWSLETTER_BOUNCE_ADDRESS", "", "Where bounces go by SMTP, as bounces+…@ the same domain; empty: to From",
        values.bounce_address,
    )  # fmt: skip
    bounce_mailbox_url: str = _option(
        "BOUNCE_MAILBOX_URL", "", "Where bounces are read: imaps://user:password@host/INBOX or maildir:/path",
        values.mailbox, secret=True,
    )  # fmt: skip
    alert_to: str = _option(
        "NEWSLETTER_ALERT_TO", "", "Who gets alerts: addresses, comma-separated; empty: every admin", values.addresses
    )
    alert_smtp_url: str = _option(
        "ALERT_SMTP_URL", "", "The alerts' own mail server, as SMTP_URL; empty: the transport",
        values.address_of("smtp://", "smtps://"), secret=True,
    )  # fmt: skip
    webhook_url: str = _option(
        "NEWSLETTER_WEBHOOK_URL", "", "Gets every notice and alert as a signed JSON POST",
        values.address_of("https://", "http://"), secret=True,
    )  # fmt: skip
    webhook_secret: str = _option(
        "NEWSLETTER_WEBHOOK_SECRET", "", "Signs what the webhook gets; empty: made once, kept in the data directory",
        secret=True,
    )  # fmt: skip
    heartbeat_url: str = _option(
        "NEWSLETTER_HEARTBEAT_URL", "", "Called each minute while all is well, for a watcher outside",
        values.address_of("https://", "http://"), secret=True,
    )  # fmt: skip
    log_format: str = _option(
        "NEWSLETTER_LOG_FORMAT", "line", "How log lines are written: line or json", values.log_format
    )
    metrics_token: str = _option(
        "NEWSLETTER_METRICS_TOKEN", "", "Whoever sends it may read /metrics; empty: this machine alone", secret=True
    )
    allow_private_hosts: bool = _option(
        "NEWSLETTER_ALLOW_PRIVATE_HOSTS", False, "Let feeds and the site be loopback or private: tests, intranets",
        values.switch,
    )  # fmt: skip
    templates_dir: str = _option(
        "NEWSLETTER_TEMPLATES_DIR", "", "Your own templates; each stands in for the shipped one", values.folder
    )
    form_origins: str = _option(
        "NEWSLETTER_FORM_ORIGINS", "", "Sites whose own forms may sign readers up by script, comma-separated",
        values.origins,
    )  # fmt: skip
    proxies: int = _option(
        "NEWSLETTER_PROXIES", 0, "Proxies before the web, each adding to X-Forwarded-For", values.whole(0, 9)
    )
    dns_servers: str = _option(
        "NEWSLETTER_DNS_SERVERS",
        "",
        "Name servers that doctor asks, address[:port], comma-separated; empty: the system's",
    )
    bind: str = _option("NEWSLETTER_BIND", "127.0.0.1:8000", "Where the web listens")
    web_threads: int = _option(
        "NEWSLETTER_WEB_THREADS", 8, "Requests that the web answers at once", values.whole(1, 1000)
    )
    worker_processes: int = _option(
        "NEWSLETTER_WORKER_PROCESSES", 2, "Processes of `run worker`", values.whole(1, 1000)
    )
    batch_size: int = _option("NEWSLETTER_BATCH_SIZE", 500, "Readers handed to SendGrid at once", values.whole(1, 1000))
    smtp_batch_size: int = _option(
        "NEWSLETTER_SMTP_BATCH_SIZE",
        20,
        "Readers in a batch by SMTP: what one crash can leave unknown",
        values.whole(1, 1000),
    )
    rate: int = _option(
        "NEWSLETTER_RATE",
        0,
        "Copies a second that all workers together hand over; 0: no limit",
        values.whole(0, 1_000_000_000),
    )
    mailbox_rates: Mapping[str, int] = _option(
        "NEWSLETTER_MAILBOX_RATES",
        values.Rates(),
        'Copies a second for a mailbox provider, such as "gmail=20, yahoo=10"; empty: no limit',
        values.rates,
    )
    most_variants: int = _option(
        "NEWSLETTER_MOST_VARIANTS",
        12,
        "Copies of an edition for sets of topics, those of most readers first; all others get the full edition",
        values.whole(0, 100),
    )
    daily_quota: int = _option(
        "NEWSLETTER_DAILY_QUOTA",
        0,
        "Copies a day (UTC) that the transport may be given; 0: no limit",
        values.whole(0, 1_000_000_000),
    )
    keep_copies_months: int = _option(
        "NEWSLETTER_KEEP_COPIES_MONTHS",
        24,
        "Months that an edition's copies are kept one by one; then as totals",
        values.whole(3, 1200),
    )
    keep_clicks_months: int = _option(
        "NEWSLETTER_KEEP_CLICKS_MONTHS", 13, "Months that counted clicks are kept; then as totals",
        values.whole(3, 1200),
    )  # fmt: skip
    keep_letters_months: int = _option(
        "NEWSLETTER_KEEP_LETTERS_MONTHS", 24, "Months that letters and ended alerts are kept", values.whole(3, 1200)
    )
    keep_returned_days: int = _option(
        "NEWSLETTER_KEEP_RETURNED_DAYS", 30, "Days that returned mail nobody could act on, and reports of copies that"
        " nobody knows, are kept",
        values.whole(1, 3650),
    )  # fmt: skip
    tick: float = _option("NEWSLETTER_TICK", 2.0, "Seconds between two looks at what is due", values.seconds)
    lease: float = _option("NEWSLETTER_LEASE", 180.0, "Seconds a worker owns a batch", values.seconds)
    task_limit: float = _option("NEWSLETTER_TASK_LIMIT", 150.0, "Seconds after which a task is killed", values.seconds)
    hand_over_deadline: float = _option(
        "NEWSLETTER_HAND_OVER_DEADLINE", 120.0, "Seconds one hand-over may take", values.seconds
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
    """The settings of this process. Raises ConfigError."""
    return load(os.environ, _flags)


def load(environment: Mapping[str, str], flags: Mapping[str, str] | None = None) -> Config:
    """Read all four levels. Raises ConfigError: unknown key, unreadable file, value of the wrong form."""
    file = _config_file(environment)
    texts: dict[str, tuple[str, str]] = {}
    if file is not None:
        texts |= config_sources.from_toml(file, OPTIONS)
    texts |= config_sources.from_environment(environment, OPTIONS)
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


def flag(name: str) -> str | None:
    """What was given for a setting on the command line, if anything."""
    return _flags.get(name)


def environment_of_children() -> dict[str, str]:
    """The environment that gives a child process the same settings, flags included."""
    values = {OPTIONS[name].metadata["env"]: text for name, text in _flags.items()}
    return {**os.environ, **values}


def config_path() -> Path:
    """Where newsletter.toml is, or would be."""
    return Path(os.environ.get("NEWSLETTER_CONFIG") or "newsletter.toml")


def secret_files() -> list[Path]:
    """The files that the environment names for secrets (NAME_FILE)."""
    named = [f"{field.metadata['env']}_FILE" for field in OPTIONS.values() if field.metadata["secret"]]
    return [Path(os.environ[name]) for name in named if os.environ.get(name)]


def key_file(config: Config, name: str) -> str:
    """A secret that this installation made for itself, kept 0600 in the data directory; made on first use."""
    path = config.data_dir / "keys" / name
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # by itself: `parents` get no mode
        path.parent.mkdir(exist_ok=True, mode=0o700)
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
        return config_sources.not_empty(path.read_text(encoding="ascii").strip(), str(path))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no key of ours.", hint="Restore it from your backup.") from error
    except OSError as error:
        raise ConfigError(
            f"The data directory {config.data_dir} cannot be used: {error.strerror}.",
            hint="Choose another with NEWSLETTER_DATA_DIR, or mend its owner and mode.",
        ) from error


def shown(config: Config, name: str) -> str:
    """A value fit for the terminal: secrets are masked; of an address, what is not secret stays readable."""
    value = str(getattr(config, name))
    if not OPTIONS[name].metadata["secret"] or not value:
        return value
    if not name.endswith("_url"):
        return "•••"
    url = urlsplit(value)
    user = f"{url.username or ''}:•••@" if url.password else "•••@" if url.username else ""
    # A query may hold a password as well (?password=…), so it is left out; so may the path of a webhook.
    path = "/•••" if url.scheme in ("http", "https") and url.path.strip("/") else url.path
    return f"{url.scheme}://{user}{url.netloc.rpartition('@')[2]}{path}"


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


def _parsed(texts: Mapping[str, tuple[str, str]]) -> Config:
    parsed: dict[str, Any] = {}
    sources = dict.fromkeys(OPTIONS, "default")
    for name, (text, source) in texts.items():
        try:
            parsed[name] = OPTIONS[name].metadata["parse"](text)
        except (ValueError, RuntimeError) as error:  # RuntimeError: ~somebody who has no home
            said = "it" if config_sources.is_secret(name, OPTIONS) else repr(text)
            raise ConfigError(f"{name} from {source}: cannot use {said}; {error}.") from None
        sources[name] = source
    return Config(**parsed, sources=sources)


def _check_times(config: Config) -> None:
    if not config.lease > config.task_limit > config.hand_over_deadline:
        raise ConfigError(
            "lease must be longer than task_limit, and task_limit longer than hand_over_deadline"
            f" (now {config.lease:g}, {config.task_limit:g} and {config.hand_over_deadline:g} seconds).",
            hint="Otherwise a batch could be swept while its worker still writes to the wire.",
        )
