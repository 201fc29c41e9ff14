"""newsletter add | list | show | set: the program's own noun needs no naming."""

from collections.abc import Callable
from typing import Any

import click

from newsletter.cli.base import DjangoCommand, as_option, json_option, print_json, print_table, say

FIELDS = {
    "sender": ("sender_email", "EMAIL", "The address mails come from"),
    "sender_name": ("sender_name", "NAME", "The name mails come from; the newsletter's own by default"),
    "reply_to": ("reply_to", "EMAIL", "Where answers go"),
    "postal_address": ("postal_address", "TEXT", "Every mail carries it"),
    "tagline": ("tagline", "TEXT", "The line under the name"),
    "mission": ("mission", "TEXT", "A line about the publication, in the footer"),
    "home_url": ("home_url", "URL", "The publication's own site"),
    "language": ("language", "TAG", "Such as en or fr"),
    "accent": ("accent", "#RRGGBB", "The brand's colour"),
    "weekday": ("weekday", "DAY", "When it goes out, such as thursday"),
    "time": ("send_time", "HH:MM", "At what time of day"),
    "zone": ("zone", "ZONE", "In whose time, such as America/New_York"),
    "cutoff_hours": ("cutoff", "HOURS", "How long before the send stories close"),
    "max_lateness_hours": ("max_lateness", "HOURS", "Later than this, it is held instead of sent"),
}


def field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each column that staff may set, and --section."""
    command = click.option(
        "--section",
        "frames",
        multiple=True,
        metavar="TEXT",
        help='In order: "Lead: lead", "Africa: topic=Africa; cap=4"',
    )(command)
    for name, (_, metavar, text) in reversed(FIELDS.items()):
        command = click.option(f"--{name.replace('_', '-')}", metavar=metavar, help=text)(command)
    return command


def _values(options: dict[str, str | None]) -> dict[str, Any]:
    from newsletter.newsletters import setup

    readers: dict[str, Callable[[str], Any]] = {
        "weekday": setup.weekday,
        "time": setup.clock,
        "zone": setup.zone,
        "cutoff_hours": setup.hours,
        "max_lateness_hours": setup.hours,
    }
    given = {name: text for name, text in options.items() if text is not None}
    return {FIELDS[name][0]: readers.get(name, str)(text) for name, text in given.items()}


@click.command(cls=DjangoCommand)
@click.argument("name")
@field_options
@as_option
def add(name: str, frames: tuple[str, ...], as_email: str | None, **options: str | None) -> None:
    """Add a newsletter: its sender, schedule and sections."""
    from newsletter.newsletters import audit, sections, setup
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.ADMIN)
    values = {"sender_name": name, **_values(options)}
    newsletter = setup.add(name, values, [sections.read(text) for text in frames], staff)
    say(f"Added {newsletter.name}. Next: newsletter feed add URL")
    click.echo(newsletter.slug)


@click.command("set", cls=DjangoCommand)
@click.argument("slug")
@field_options
@as_option
def set_(slug: str, frames: tuple[str, ...], as_email: str | None, **options: str | None) -> None:
    """Change a newsletter. Sections given here replace all it has."""
    from newsletter.newsletters import audit, sections, setup
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.ADMIN)
    newsletter = setup.found(slug)
    setup.change(newsletter, _values(options), [sections.read(text) for text in frames], staff)
    say(f"Changed {newsletter.name}.")


@click.command("list", cls=DjangoCommand)
@json_option
def list_(as_json: bool) -> None:
    """The newsletters of this installation."""
    from newsletter.newsletters.models import Newsletter

    facts = [_facts(newsletter) for newsletter in Newsletter.objects.order_by("slug")]
    if as_json:
        for each in facts:
            print_json(each)
    elif facts:
        rows = [(each["slug"], each["name"], each["schedule"], each["sender_email"]) for each in facts]
        print_table(["newsletter", "name", "goes out", "sender"], rows)
    else:
        say("There is no newsletter yet. Next: newsletter add NAME --sender EMAIL --postal-address …")


@click.command(cls=DjangoCommand)
@click.argument("slug", required=False)
@json_option
def show(slug: str | None, as_json: bool) -> None:
    """One newsletter: its sender, schedule and sections."""
    from newsletter.newsletters import setup

    facts = _facts(setup.found(slug))
    if as_json:
        print_json(facts)
        return
    sections = facts.pop("sections")
    print_table(["", ""], [*facts.items(), *(("section", text) for text in sections)])


def _facts(newsletter: Any) -> dict[str, Any]:
    from newsletter.newsletters import sections
    from newsletter.newsletters.setup import WEEKDAYS

    columns = {column: getattr(newsletter, column) for column, *_ in FIELDS.values()}
    day = WEEKDAYS[newsletter.weekday].capitalize()
    return {
        "slug": newsletter.slug,
        "name": newsletter.name,
        "schedule": f"{day} {str(newsletter.send_time)[:5]} {newsletter.zone}",
        **columns,
        "sections": [sections.written(section) for section in newsletter.sections.order_by("position")],
    }
