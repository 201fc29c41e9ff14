"""newsletter init: from nothing to a desk that can be signed in to, by six questions or by flags."""

import sys
from typing import TYPE_CHECKING

import click

from newsletter import config as settings
from newsletter.cli.base import say
from newsletter.errors import Refused
from newsletter.runtime import boot, init

if TYPE_CHECKING:
    from newsletter.newsletters.models import Newsletter

TRANSPORTS = click.Choice(["outbox", "smtp", "sendgrid"])
SECRETS = {
    "smtp": ("smtp_url", "SMTP_URL, smtp[s]://user:password@host:port"),
    "sendgrid": ("sendgrid_api_key", "API key"),
}


@click.command("init")
@click.option("--name", metavar="TEXT", help="What the newsletter is called")
@click.option("--site-url", metavar="URL", help="The public address that links in mails point to")
@click.option("--sender", metavar="EMAIL", help="The address mails come from")
@click.option("--transport", type=TRANSPORTS, help="Who gets the mail; outbox: nothing leaves this machine")
@click.option("--schedule", metavar="TEXT", help='Such as "thursday 07:00 America/New_York"')
@click.option("--admin", metavar="EMAIL", help="The first person of the desk")
@click.option("--postal-address", metavar="TEXT", default="", help="Every mail carries it; may be set later")
@click.pass_context
def command(ctx: click.Context, /, postal_address: str, **given: str | None) -> None:
    """Set up an installation: newsletter.toml, the tables, the first newsletter, the first login link.

    What is there already is left as it is, so it may be run again.
    """
    answers = _Answers(given, may_ask=not ctx.find_root().params.get("no_input") and sys.stdin.isatty())
    path = settings.config_path()
    if path.exists():
        say(f"{path} is there already and stays as it is.")
    else:
        chosen = _settings(answers)
        init.check(chosen)
        init.write_config(path, chosen)
        say(f"Wrote {path}, which only you can read.")
    boot.set_up_django()
    from newsletter.runtime import tables

    tables.migrate()
    say("The tables are there.")
    newsletter = _newsletter(answers, postal_address)
    _person(answers)
    if not newsletter.postal_address:
        say(f"Every mail must carry your postal address. Next: newsletter set {newsletter.slug} --postal-address …")
    say("Next: newsletter feed add URL, then newsletter up")


class _Answers:
    """What was given as a flag, or is asked for; without anybody to ask, the flag is named."""

    def __init__(self, given: dict[str, str | None], *, may_ask: bool) -> None:
        self._given, self._may_ask = given, may_ask

    def of(self, name: str, question: str, default: str | None = None) -> str:
        answer = self._given.get(name)
        if answer is not None:
            return answer
        if not self._may_ask:
            missing = [name, *(each for each, known in self._given.items() if known is None and each != name)]
            flags = " ".join(f"--{each.replace('_', '-')} …" for each in missing)
            raise Refused(f"{question}? Nobody is there to answer.", hint=flags)
        return str(click.prompt(question, default=default, err=True))

    def secret(self, question: str) -> str:
        if not self._may_ask:
            return ""
        return str(click.prompt(f"{question} (not shown)", hide_input=True, default="", show_default=False, err=True))


def _settings(answers: _Answers) -> dict[str, str]:
    """Of newsletter.toml: the two that are asked for, and the flags of this call."""
    flags = {name: text for name in settings.OPTIONS if (text := settings.flag(name))}
    site = flags.get("site_url") or answers.of("site_url", "Public address of the site", "http://127.0.0.1:8000")
    transport = flags.get("transport") or answers.of(
        "transport", "Who gets the mail (outbox, smtp, sendgrid)", "outbox"
    )
    chosen = {**flags, "site_url": site, "transport": transport}
    if transport in SECRETS:
        name, words = SECRETS[transport]
        known = str(getattr(settings.current(), name))
        if not known and (text := answers.secret(words)):
            chosen[name] = text
    return chosen


def _newsletter(answers: _Answers, postal_address: str) -> "Newsletter":
    from newsletter.newsletters.models import Newsletter

    there = Newsletter.objects.order_by("pk").first()
    if there is not None:
        say(f"There is a newsletter already, {there.name}.")
        return there
    made = init.add_newsletter(
        init.Publication(
            name=answers.of("name", "Name of the newsletter"),
            sender=answers.of("sender", "Address that mails come from"),
            schedule=answers.of("schedule", "When it goes out", f"thursday 07:00 {init.local_zone()}"),
            postal_address=postal_address,
        )
    )
    say(f"Added {made.name}.")
    return made


def _person(answers: _Answers) -> None:
    from newsletter.newsletters import people
    from newsletter.newsletters.models import Staff

    if Staff.objects.exists():
        say("There are people at the desk already; newsletter staff login-link EMAIL lets one in.")
        return
    link = people.login_link(answers.of("admin", "Your own address, for the desk"))
    say("This link signs you in once, within an hour, while the web is up:")
    click.echo(link)
