"""newsletter add | list | show | set: the program's own noun needs no naming."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import click

from newsletter import clock
from newsletter.cli.base import (
    DjangoCommand,
    as_option,
    confirm,
    counted,
    json_option,
    print_json,
    print_table,
    say,
    yes_option,
)

FIELDS = {
    "sender": ("sender_email", "EMAIL", "The address mails come from"),
    "sender_name": ("sender_name", "NAME", "The name mails come from; the newsletter's own by default"),
    "reply_to": ("reply_to", "EMAIL", "Where answers go"),
    "postal_address": ("postal_address", "TEXT", "Every mail carries it"),
    "tagline": ("tagline", "TEXT", "The line under the name"),
    "mission": ("mission", "TEXT", "A line about the publication, in the footer"),
    "home_url": ("home_url", "URL", "The publication's own site"),
    "privacy_url": ("privacy_url", "URL", "The privacy notice; with it the form for signing up is published"),
    "welcome": ("welcome", "yes|no", "Whether who signs up gets a letter at once"),
    "goodbye": ("goodbye", "yes|no", "Whether who left without seeing a page gets a last letter that says so"),
    "utm": ("utm", "TAGS", 'Put on links into the own site, such as "source=weekly; medium=email"'),
    "links": ("links", "direct|counted|personal", "Whether it is counted which stories are read"),
    "topic_copies": ("topic_copies", "only|first", "What readers get who chose topics: only those, or those first"),
    "archive": ("archive", "public|unlisted|none", "Who finds past editions: all, who has the link of one, nobody"),
    "language": ("language", "TAG", "Such as en or fr"),
    "accent": ("accent", "#RRGGBB", "The brand's colour"),
    "weekday": ("weekday", "DAY", "When it goes out, such as thursday"),
    "time": ("send_time", "HH:MM", "At what time of day"),
    "zone": ("zone", "ZONE", "In whose time, such as America/New_York"),
    "cutoff_hours": ("cutoff", "HOURS", "How long before the send stories close"),
    "max_lateness_hours": ("max_lateness", "HOURS", "Later than this, it is held instead of sent"),
    "min_items": ("min_items", "N", "With fewer stories a week is thin"),
    "thin_week": ("thin_week", "hold|send|skip", "What becomes of a thin week's edition"),
    "review": ("review", "approve|auto", "Whether a person lets each edition go, or what stands goes out by itself"),
    "last_look": ("last_look", "send|hold", "What becomes of an edition whose stories are gone or retitled at the end"),
    "subject": ("subject_template", "TEXT", "How subjects are suggested, such as {newsletter}: {lead}"),
    "preheader": ("preheader_template", "TEXT", "Likewise; {more} are the stories after the lead"),
    "canary_share": ("canary_share", "PERCENT", "How many of the readers go first and are watched; 0 for none"),
    "canary_minutes": ("canary_watch", "MINUTES", "How long they are watched before the rest follows"),
    "audience_cap": ("audience_cap", "N|none", "The ramp: an edition's readers at most"),
    "audience_growth": ("audience_growth", "TIMES", "What that is multiplied by after a good edition"),
    "on_unknown": ("on_unknown", "hold|resend|drop", "What becomes of copies whose answer got lost"),
    "unknown_after_hours": ("unknown_after", "HOURS", "How long evidence about them may take first"),
}
POLICIES = {
    "resend": "unknown copies are sent again after {}, and some readers may get them twice",
    "drop": "unknown copies are given up after {}, and some readers may get none",
}


def field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each column that staff may set, --section and --skip-date."""
    command = click.option(
        "--skip-date", "skipped", multiple=True, metavar="DATE", help="A day without an edition, such as 2026-12-24"
    )(command)
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
    from newsletter.newsletters import setup, utm
    from newsletter.newsletters.models import Newsletter

    readers: dict[str, Callable[[str], Any]] = {
        "welcome": setup.yes,
        "goodbye": setup.yes,
        "utm": utm.read,
        "links": setup.one_of(Newsletter.Links.values),
        "topic_copies": setup.one_of(Newsletter.TopicCopies.values),
        "archive": setup.one_of(Newsletter.Archive.values),
        "weekday": setup.weekday,
        "time": setup.clock,
        "zone": setup.zone,
        "cutoff_hours": setup.hours,
        "max_lateness_hours": setup.hours,
        "min_items": setup.stories,
        "thin_week": setup.one_of(Newsletter.ThinWeek.values),
        "review": setup.one_of(Newsletter.Review.values),
        "last_look": setup.one_of(Newsletter.LastLook.values),
        "canary_share": setup.share,
        "canary_minutes": setup.minutes,
        "audience_cap": setup.cap,
        "audience_growth": setup.growth,
        "on_unknown": setup.one_of(Newsletter.OnUnknown.values),
        "unknown_after_hours": setup.hours,
    }
    given = {name: text for name, text in options.items() if text is not None}
    return {FIELDS[name][0]: readers.get(name, str)(text) for name, text in given.items()}


@click.command(cls=DjangoCommand)
@click.argument("name")
@field_options
@as_option
def add(
    name: str, frames: tuple[str, ...], skipped: tuple[str, ...], as_email: str | None, **options: str | None
) -> None:
    """Add a newsletter: its sender, schedule and sections."""
    from newsletter.newsletters import audit, sections, setup
    from newsletter.newsletters.models import Newsletter, Right

    staff = audit.acting(as_email, Right.ADMIN)
    values = {"sender_name": name, **_values(options)}
    values["skip_dates"] = setup.skip_dates(Newsletter(name=name, zone=values.get("zone", "UTC")), skipped, ())
    newsletter = setup.add(name, values, [sections.read(text) for text in frames], staff)
    say(f"Added {newsletter.name}. Next: newsletter feed add URL")
    click.echo(newsletter.slug)


@click.command("set", cls=DjangoCommand)
@click.argument("slug")
@field_options
@click.option("--unskip-date", "unskipped", multiple=True, metavar="DATE", help="A skipped day gets its edition again")
@yes_option
@as_option
def set_(slug: str, yes: bool, as_email: str | None, **options: Any) -> None:
    """Change a newsletter. Sections given here replace all it has."""
    from newsletter.newsletters import audit, sections, setup
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.ADMIN)
    newsletter = setup.found(slug)
    frames = [sections.read(text) for text in options.pop("frames")]
    more, fewer = options.pop("skipped"), options.pop("unskipped")
    values = _values(options)
    if more or fewer:
        values["skip_dates"] = setup.skip_dates(newsletter, more, fewer)
    _ask_for_policy(newsletter, values, yes=yes)
    setup.change(newsletter, values, frames, staff)
    say(f"Changed {newsletter.name}.")


def _ask_for_policy(newsletter: Any, values: Mapping[str, Any], *, yes: bool) -> None:
    """Somebody who lets copies be sent again or given up unseen is told how many that are now; holding asks nothing."""
    from newsletter.deliveries import policy

    chosen = values.get("on_unknown", newsletter.on_unknown)
    if chosen not in POLICIES or not values.keys() & {"on_unknown", "unknown_after"}:
        return
    found = policy.concerned(newsletter)
    copies = f"{counted(found.copies, 'copy', 'copies')} in {counted(found.editions, 'edition')}"
    after: timedelta = values.get("unknown_after", newsletter.unknown_after)
    deed = POLICIES[chosen].format(f"{after / timedelta(hours=1):g} h")
    confirm(f"{copies} {'is' if found.copies == 1 else 'are'} unknown now. With {chosen}, {deed}. Choose it?", yes=yes)


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
    shown = [(name, _in_words(name, value)) for name, value in facts.items()]
    print_table(["", ""], [*shown, *(("section", text) for text in sections)])


def _in_words(name: str, value: Any) -> Any:
    if name == "canary_share":
        return f"{100 * value:g} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return clock.duration(value.total_seconds())
    return ", ".join(value) if isinstance(value, list) else "none" if value is None else value


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
        "skip_dates": newsletter.skip_dates,
        "sections": [sections.written(section) for section in newsletter.sections.order_by("position")],
    }
