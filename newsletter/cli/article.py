"""newsletter article …"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli import pins
from newsletter.cli.base import DjangoGroup, as_option, json_option, print_json, print_table, printable, say

if TYPE_CHECKING:
    from newsletter.editions.memory import Verdict
    from newsletter.feeds.models import Article, Sighting
    from newsletter.newsletters.models import Staff

_TITLE_WIDTH = 70


@click.group(cls=DjangoGroup)
def article() -> None:
    """Collected articles."""


@article.command("list")
@click.option("--days", type=click.IntRange(min=1), help="Only those published in the last N days.")
@json_option
def list_(days: int | None, as_json: bool) -> None:
    """The articles, newest first."""
    from newsletter.feeds.manage import articles

    found = articles(days)
    if as_json:
        for each in found:
            print_json(_as_dict(each))
    elif found:
        rows = [
            (each.pk, _day(each), each.kind or "–", _short(each.title), _people(each), _state(each)) for each in found
        ]
        print_table(["id", "published", "kind", "title", "by", "state"], rows)
    else:
        say("There are no articles. Next: newsletter feed collect")


@article.command()
@click.argument("article_id", metavar="ID", type=int)
@json_option
def show(article_id: int, as_json: bool) -> None:
    """One article, field by field, and the feeds that carry it."""
    from newsletter.feeds.manage import get_article

    found = get_article(article_id)
    facts = _as_dict(found)
    if as_json:
        print_json(facts)
        return
    click.secho(printable(found.title), bold=True)
    image = found.image or {}
    lines = {
        "address": found.url,
        "dek": found.dek,
        "by": _people(found),
        "kind": found.kind,
        "topics": ", ".join(found.topics),
        "photo": image.get("url", ""),
        "alt": image.get("alt", ""),
        "credit": image.get("credit", ""),
        "published": _moment(found.published_at),
        "updated": _moment(found.updated_at),
        "feeds": ", ".join([*facts["feeds"], *(["by hand"] if found.added_at else [])]),
        "state": _state(found),
    }
    for name, text in lines.items():
        click.echo(f"  {name:<10}{printable(text) or _none(name)}")
    for change in found.changes.all():
        click.echo(f"  {'changed':<10}{_moment(change.at)}: {printable(_changed(change.fields))}")


@article.command()
@click.argument("article_id", metavar="ID", type=int)
@json_option
def why(article_id: int, as_json: bool) -> None:
    """Where an article came from, which editions took it, and which rule left it out of the others."""
    from newsletter.editions import memory
    from newsletter.feeds.manage import get_article

    found = get_article(article_id)
    verdicts = memory.verdicts(found)
    if as_json:
        print_json(
            {
                "id": found.pk, "title": found.title, "collected_at": found.collected_at, "added_at": found.added_at,
                "sightings": [_sighting_as_dict(each) for each in found.sightings.select_related("feed")],
                "held": found.held_at is not None, "quarantine": found.quarantine or None,
                "editions": [_verdict_as_dict(each) for each in verdicts],
            }
        )  # fmt: skip
        return
    click.secho(printable(found.title), bold=True)
    for line in (*_origins(found), *map(_told, verdicts)):
        click.echo(f"  {printable(line)}")
    if found.held_at:
        click.echo(f"  held since {_moment(found.held_at)}: {printable(found.quarantine or 'an editor keeps it out')}")
        say(f"Next: newsletter article release {found.pk}")
    elif not verdicts:
        click.echo("  no edition has been composed since; the next one looks at it if it is of its time")


@article.command()
@click.argument("url")
@as_option
@json_option
def add(url: str, as_email: str | None, as_json: bool) -> None:
    """Add one article by its address, from its page; no feed has to carry it."""
    from newsletter.feeds import manage

    made = manage.add_article(url, _editor(as_email))
    if as_json:
        print_json(_as_dict(made))
        return
    click.echo(f"Article {made.pk} added: {printable(made.title)}")
    say(f"Next: newsletter article show {made.pk}")


@article.command()
@click.argument("article_id", metavar="ID", type=int)
@as_option
def hold(article_id: int, as_email: str | None) -> None:
    """Keep an article out of drafts."""
    from newsletter.feeds import manage

    say(f"Held, no draft will take it: {printable(str(manage.hold(article_id, _editor(as_email))))}")


@article.command()
@click.argument("article_id", metavar="ID", type=int)
@as_option
def release(article_id: int, as_email: str | None) -> None:
    """Let drafts take a held article again."""
    from newsletter.feeds import manage

    say(f"Released: {printable(str(manage.release(article_id, _editor(as_email))))}")


@article.command()
@click.argument("article_id", metavar="ID", type=int)
@click.option("--until", metavar="TIME", help="Such as 2026-12-03T06:00, in UTC unless it names its offset.")
@click.option("--lift", is_flag=True, help="Take the embargo away.")
@as_option
def embargo(article_id: int, until: str | None, lift: bool, as_email: str | None) -> None:
    """Let no edition go out with an article before a moment: preflight blocks it."""
    from newsletter.errors import UsageError
    from newsletter.feeds import manage
    from newsletter.newsletters import setup

    if bool(until) == lift:
        raise UsageError("Say --until TIME, or --lift.")
    moment = setup.moment(until, "UTC") if until else None
    named = printable(str(manage.embargo(article_id, moment, _editor(as_email))))
    say(f"Under embargo until {_moment(moment)}: {named}" if moment else f"Free: {named}")


def _editor(email: str | None) -> "Staff | None":
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    return audit.acting(email, Right.EDIT)


def _as_dict(found: "Article") -> dict[str, Any]:
    names = ("url", "title", "dek", "byline", "kind", "topics", "image", "published_at", "updated_at", "collected_at")
    return {
        "id": found.pk,
        **{name: getattr(found, name) for name in names},
        "held": found.held_at is not None,
        "quarantine": found.quarantine or None,
        "embargo_until": found.embargo_until,
        "by_hand": found.added_at is not None,
        "changes": [{"at": change.at, "fields": change.fields} for change in found.changes.all()],
        "feeds": [str(sighting.feed) for sighting in found.sightings.select_related("feed")],
    }


def _people(found: "Article") -> str:
    return ", ".join(person["name"] for person in found.byline)


def _day(found: "Article") -> str:
    return f"{found.published_at:%Y-%m-%d %H:%M}" if found.published_at else "–"


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _short(title: str) -> str:
    return title if len(title) <= _TITLE_WIDTH else f"{title[: _TITLE_WIDTH - 1]}…"


def _state(found: "Article") -> str:
    if found.quarantine:
        return f"quarantined: {found.quarantine}"
    if found.embargo_until:
        return f"embargo until {_moment(found.embargo_until)}"
    return "held" if found.held_at else ""


def _none(name: str) -> str:
    """What an editor would have to find is missing; a state or an update may be none."""
    return "–" if name in ("updated", "state", "feeds") else click.style("missing", fg="yellow")


def _changed(fields: dict[str, Any]) -> str:
    if "title" in fields:
        return f"title, was “{fields['title'][0]}”" + "".join(f", {name}" for name in fields if name != "title")
    return ", ".join(fields)


def _origins(found: "Article") -> Iterator[str]:
    if found.added_at:
        yield f"added by hand on {_moment(found.added_at)}"
    for sighting in found.sightings.select_related("feed"):
        yield f"collected on {_moment(sighting.first_seen_at)} from {sighting.feed} as {sighting.guid}"
    if not found.added_at and not found.sightings.exists():
        yield f"collected on {_moment(found.collected_at)} from a feed that was removed since"


def _told(verdict: "Verdict") -> str:
    named = f"{verdict.edition} (edition {verdict.edition.pk}, {verdict.edition.status})"
    if verdict.section is None:
        return f"not in {named}: {verdict.reason}"
    if verdict.dropped:
        return f"not in {named}: an editor took it out of {verdict.section}"
    return f"in {named}: {verdict.section}, place {verdict.position}; {verdict.reason}"


def _verdict_as_dict(verdict: "Verdict") -> dict[str, Any]:
    edition = verdict.edition
    return {
        "id": edition.pk, "edition": str(edition), "status": edition.status, "section": verdict.section,
        "position": verdict.position or None, "dropped": verdict.dropped, "reason": verdict.reason,
    }  # fmt: skip


def _sighting_as_dict(sighting: "Sighting") -> dict[str, Any]:
    return {"feed": sighting.feed_id, "name": str(sighting.feed), "guid": sighting.guid, "at": sighting.first_seen_at}


article.add_command(pins.pin)
article.add_command(pins.unpin)
