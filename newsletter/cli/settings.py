"""newsletter config …, newsletter version."""

import json
from collections.abc import Iterator

import click

from newsletter import __version__
from newsletter import config as settings
from newsletter.cli.base import json_option, print_json, print_table, say
from newsletter.config_sources import nearest
from newsletter.errors import UsageError
from newsletter.runtime.boot import set_up_django


@click.group()
def config() -> None:
    """Settings: default < newsletter.toml < environment < flag."""


@config.command()
@click.argument("name", required=False)
@json_option
def show(name: str | None, as_json: bool) -> None:
    """Each setting, its value and where it came from. Secrets are masked."""
    current = settings.current()
    if name is not None and name not in settings.OPTIONS:
        raise UsageError(f"There is no setting {name}.{nearest(name, list(settings.OPTIONS))}")
    names = [name] if name else list(settings.OPTIONS)
    rows = [(each, settings.shown(current, each), current.sources[each]) for each in names]
    if as_json:
        print_json({each: {"value": value, "source": source} for each, value, source in rows})
    else:
        print_table(["setting", "value", "source"], rows)


@config.command()
def check() -> None:
    """Read every setting and say whether they can be used; exit code 3 if not. No mail server is connected to."""
    from newsletter.mail import alignment, dkim
    from newsletter.transports import choose

    choose.check(settings.current())
    dkim.made_from(settings.current())
    for advice in alignment.advice(settings.current(), _senders()):
        say(f"Warning: {advice}")
    for advice in _unanswered():
        say(f"Warning: {advice}")
    say("The settings can be used.")


def _unanswered() -> Iterator[str]:
    """Where returned mail or readers' answers would reach nobody."""
    current = settings.current()
    if current.bounce_mailbox_url.startswith("imap"):
        from newsletter.tracking import imap

        imap.place_from(current.bounce_mailbox_url)
    if current.transport == "smtp" and not current.bounce_address:
        yield "Bounces go to From, and none is counted. Set NEWSLETTER_BOUNCE_ADDRESS (docs/bounces.md)."
    elif current.transport == "smtp" and not current.bounce_mailbox_url:
        yield "Nobody reads the bounces, unless by `newsletter bounce pipe`. Set BOUNCE_MAILBOX_URL (docs/bounces.md)."
    if current.transport != "outbox":
        for slug, sender in _without_reply_to():
            yield f"Answers to {slug} go to {sender}; name who reads them: newsletter set {slug} --reply-to EMAIL"


def _without_reply_to() -> list[tuple[str, str]]:
    set_up_django()
    from django.db import Error

    from newsletter.newsletters.models import Newsletter

    try:
        return list(Newsletter.objects.filter(reply_to="").order_by("pk").values_list("slug", "sender_email"))
    except Error:
        return []


def _senders() -> list[str]:
    """The newsletters' From addresses, as far as the database can be read; it is asked only where they matter."""
    if not (settings.current().dkim_key or settings.current().bounce_address):
        return []
    set_up_django()
    from django.db import Error

    from newsletter.newsletters.models import Newsletter

    try:
        return list(Newsletter.objects.values_list("sender_email", flat=True))
    except Error:
        say("Warning: The database cannot be read, so the newsletters' senders were not compared.")
        return []


@config.command()
def example() -> None:
    """Print a newsletter.toml with every setting, its default and what it is for."""
    for name, field in settings.OPTIONS.items():
        default = field.default_factory() if callable(field.default_factory) else ""
        # A text, a number or a truth is written in TOML as in JSON.
        value = json.dumps(default if isinstance(default, bool | int | float) else str(default), ensure_ascii=False)
        click.echo(f"# {field.metadata['help']}\n# {name} = {value}\n")


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(__version__)
