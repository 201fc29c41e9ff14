"""newsletter article …"""

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli import pins
from newsletter.cli.base import DjangoGroup, as_option, json_option, print_json, print_table, printable, say

if TYPE_CHECKING:
    from newsletter.feeds.models import Article
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
        "feeds": ", ".join(facts["feeds"]),
        "state": _state(found),
    }
    for name, text in lines.items():
        click.echo(f"  {name:<10}{printable(text) or '–'}")


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
    return "held" if found.held_at else ""


article.add_command(pins.pin)
article.add_command(pins.unpin)
