"""The transport that the settings name."""

import functools
import ipaddress
from urllib.parse import urlsplit

from newsletter import config
from newsletter.config import Config
from newsletter.errors import ConfigError
from newsletter.transports.base import Transport


@functools.cache
def chosen() -> Transport:
    """This process's transport, made once so that a connection can be kept. Tests: `chosen.cache_clear()`.

    Raises ConfigError when SMTP_URL or SENDGRID_API_KEY is missing or cannot be used.
    """
    return made_from(config.current())


@functools.cache
def for_alerts() -> Transport | None:
    """This process's connection to the alerts' own mail server, None where there is none. Raises ConfigError."""
    return _alert_server(config.current())


def close() -> None:
    """Let go of this process's transport, if it has one: SMTP says goodbye. For the end of a process."""
    if chosen.cache_info().currsize:
        chosen().close()


def check(settings: Config) -> None:
    """Whether these settings may mail real people. Raises ConfigError: nothing is connected to.

    The link in a mail cannot be mended once it is out, so it has to lead to a public https address.
    """
    made_from(settings)
    _alert_server(settings)
    url = urlsplit(settings.site_url)
    if settings.transport == "outbox" or settings.allow_private_hosts:
        return
    if url.scheme != "https" or is_private(url.hostname or ""):
        raise ConfigError(
            f"Readers could not leave: the links in their mail would point to {settings.site_url}.",
            hint="Set NEWSLETTER_SITE_URL to a public https address; on an intranet NEWSLETTER_ALLOW_PRIVATE_HOSTS=1.",
        )


def is_private(host: str) -> bool:
    """A host that only this machine or this network knows: no dot in its name, or an address that is not public."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def made_from(settings: Config) -> Transport:
    """A new transport for these settings; nothing is connected yet. Raises ConfigError as above."""
    return {"outbox": _outbox, "smtp": _smtp_of_editions, "sendgrid": _sendgrid}[settings.transport](settings)


# Each imports its own libraries, so that a command that mails nothing does not wait for smtplib or sendgrid.


def _outbox(settings: Config) -> Transport:
    from newsletter.transports.outbox import OutboxTransport

    return OutboxTransport(settings.data_dir / "outbox", batch_size=settings.batch_size)


def _alert_server(settings: Config) -> Transport | None:
    try:
        return _smtp(settings, settings.alert_smtp_url) if settings.alert_smtp_url else None
    except ConfigError as error:
        raise ConfigError(str(error).replace("SMTP_URL", "ALERT_SMTP_URL"), hint=error.hint) from error


def _smtp_of_editions(settings: Config) -> Transport:
    if not settings.smtp_url:
        raise ConfigError(
            "The transport is smtp, but no mail server is named.",
            hint="Set SMTP_URL, for example smtp://user:password@mail.example.org:587.",
        )
    return _smtp(settings, settings.smtp_url)


def _smtp(settings: Config, url: str) -> Transport:
    from newsletter.transports.smtp import SmtpTransport
    from newsletter.transports.smtp_server import server_from
    from newsletter.transports.wire import greeting_name

    return SmtpTransport(
        server_from(url, allow_private_hosts=settings.allow_private_hosts),
        batch_size=settings.smtp_batch_size,
        deadline=settings.hand_over_deadline,
        local_name=greeting_name(urlsplit(settings.site_url).hostname or ""),
    )


def _sendgrid(settings: Config) -> Transport:
    from newsletter.transports.sendgrid import SendGridTransport
    from newsletter.transports.sendgrid_client import client_for

    if not settings.sendgrid_api_key:
        raise ConfigError(
            "The transport is sendgrid, but there is no API key.",
            hint="Set SENDGRID_API_KEY, or SENDGRID_API_KEY_FILE, to a key that may send mail.",
        )
    client = client_for(settings.sendgrid_api_key, settings.sendgrid_api_url)
    return SendGridTransport(client, batch_size=settings.batch_size, deadline=settings.hand_over_deadline)
