"""newsletter feed …"""

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.base import (
    DjangoGroup,
    confirm,
    counted,
    json_option,
    print_json,
    print_table,
    printable,
    say,
    yes_option,
)
from newsletter.errors import Partly, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.feeds.harvest import Story
    from newsletter.feeds.models import Feed
    from newsletter.feeds.values import ArticleFacts


SHOWN_REASONS = 5


@click.group(cls=DjangoGroup)
def feed() -> None:
    """Feeds: where articles come from."""


@feed.command()
@click.argument("url")
@click.option("--kind", default="", help="The kind of every article that names none, such as Analysis.")
@click.option("--topic", "topics", multiple=True, help="A topic that every article of this feed gets; may be repeated.")
@click.option("--title", default="", help="Instead of the feed's own title.")
@click.option("--no-check", is_flag=True, help="Do not fetch it now.")
@json_option
def add(url: str, no_check: bool, as_json: bool, **wishes: Any) -> None:
    """Add a feed. It is fetched once, to see that it is one and to learn its title."""
    from newsletter.feeds import manage

    made, entries = manage.add(url, manage.Wishes(**wishes), check=not no_check)
    if as_json:
        print_json(_as_dict(made))
        return
    found = "not fetched yet" if entries is None else counted(entries, "entry", "entries")
    click.echo(f"Feed {made.pk} added: {printable(str(made))} ({found})")
    say("Next: newsletter feed collect")


@feed.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every feed and how it does."""
    from newsletter.feeds.models import Feed

    feeds = list(Feed.objects.all())
    if as_json:
        for each in feeds:
            print_json(_as_dict(each))
    elif feeds:
        rows = [(each.pk, each.title or "–", each.url, _state(each), _ago(each.last_success_at)) for each in feeds]
        print_table(["id", "title", "address", "state", "last success"], rows)
    else:
        say("There are no feeds yet. Next: newsletter feed add URL")


@feed.command()
@click.argument("url")
@json_option
def check(url: str, as_json: bool) -> None:
    """What would be taken from a feed, field by field; nothing is stored."""
    from newsletter.feeds import urls
    from newsletter.feeds.collect import look

    seen = look(urls.web_address(url))
    if as_json:
        entries = [_entry_as_dict(story) for story in seen.stories]
        print_json({"title": seen.title, "entries": entries, "dropped": list(seen.dropped)})
        return
    click.echo(f"{printable(seen.title) or 'No title'}: {counted(len(seen.stories), 'article')}\n")
    for story in seen.stories:
        _show(story)
    _tell_left_out(seen.dropped)
    _summarise(seen.articles)


@feed.command()
@click.argument("ids", nargs=-1, type=int)
@json_option
def collect(ids: tuple[int, ...], as_json: bool) -> None:
    """Collect feeds now: those named, else all that are not paused."""
    from newsletter.feeds.collect import collect_all

    collected = []
    for each in collect_all(_chosen(ids)):
        collected.append(each)
        if as_json:
            print_json(vars(each) | {"dropped": list(each.dropped)})
        else:
            _tell(each)
    failed = [each for each in collected if each.error]
    if failed and len(failed) == len(collected):
        raise Unreachable("No feed could be collected; articles that were there are still there.")
    if failed:
        raise Partly(f"{len(failed)} of {counted(len(collected), 'feed')} could not be collected; the others were.")


@feed.command()
@click.argument("feed_id", metavar="ID", type=int)
def pause(feed_id: int) -> None:
    """Stop collecting a feed until it is resumed."""
    from newsletter.feeds import manage

    say(f"Paused: {printable(str(manage.pause(feed_id)))}")


@feed.command()
@click.argument("feed_id", metavar="ID", type=int)
def resume(feed_id: int) -> None:
    """Collect a paused feed again, at once and then as often as before."""
    from newsletter.feeds import manage

    say(f"Resumed: {printable(str(manage.resume(feed_id)))}")


@feed.command()
@click.argument("feed_id", metavar="ID", type=int)
@yes_option
def remove(feed_id: int, yes: bool) -> None:
    """Forget a feed. Its articles stay."""
    from newsletter.feeds import manage

    named = manage.get(feed_id)
    stay = counted(named.sightings.count(), "article of it stays", "articles of it stay")
    confirm(f"Remove the feed {printable(str(named))}? {stay}.", yes=yes)
    manage.remove(feed_id)
    say(f"Removed: {printable(str(named))}")


def _chosen(ids: tuple[int, ...]) -> "list[Feed]":
    from newsletter.feeds import manage
    from newsletter.feeds.models import Feed

    feeds = [manage.get(each) for each in ids] if ids else list(Feed.objects.filter(paused_at=None))
    if not feeds:
        raise UsageError("There is no feed to collect.", hint="newsletter feed add URL")
    return feeds


def _tell(collected: Any) -> None:
    name = printable(collected.feed)
    if collected.error:
        click.echo(f"{name}: {printable(collected.error)}")
        return
    click.echo(f"{name}: {collected.new} new, {collected.changed} changed, {collected.unchanged} unchanged")
    _tell_left_out(collected.dropped)


def _tell_left_out(reasons: "Sequence[str]") -> None:
    for reason in reasons[:SHOWN_REASONS]:
        say(f"  left out: {printable(reason)}")
    if len(reasons) > SHOWN_REASONS:
        say(f"  left out: {len(reasons) - SHOWN_REASONS} more")


def _as_dict(each: "Feed") -> dict[str, Any]:
    names = (
        "url", "title", "kind", "topics", "last_attempt_at", "last_success_at", "last_error", "failures",
        "failing_since", "newest_at", "due_at",
    )  # fmt: skip
    gap = each.usual_gap.total_seconds() if each.usual_gap is not None else None
    known = {name: getattr(each, name) for name in names}
    return {"id": each.pk, **known, "usual_gap": gap, "paused": each.paused_at is not None, "state": _state(each)}


def _state(each: "Feed") -> str:
    from django.utils import timezone

    from newsletter.feeds import health

    if each.paused_at:
        return "paused"
    if each.failures:
        return f"failed {each.failures} times: {each.last_error}" if each.failures > 1 else f"failed: {each.last_error}"
    if health.is_silent(each, timezone.now()):
        return health.silence(each, timezone.now())
    return "fine" if each.last_success_at else "not collected yet"


def _ago(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"


def _entry_as_dict(story: "Story") -> dict[str, Any]:
    article, image = story.facts, story.facts.image
    return {
        "url": article.url,
        "title": article.title,
        "dek": article.dek or None,
        "byline": [vars(person) for person in article.byline] or None,
        "kind": article.kind or None,
        "topics": list(article.topics) or None,
        "image": {"url": image.url, "width": image.width, "height": image.height, "alt": image.alt or None}
        if image
        else None,
        "credit": (image.credit or None) if image else None,
        "published": article.published_at.isoformat() if article.published_at else None,
        "updated": article.updated_at.isoformat() if article.updated_at else None,
        "missing": list(article.missing),
        "quarantine": story.doubt or None,
    }


def _show(story: "Story") -> None:
    from newsletter.feeds.values import WIDE_ENOUGH

    article, image = story.facts, story.facts.image
    size = f" ({image.width} × {image.height or '?'})" if image and image.width else ""
    size += f", too narrow for a lead: {WIDE_ENOUGH} are needed" if image and image.is_narrow else ""
    lines = {
        "address": article.url,
        "dek": article.dek,
        "by": "; ".join(f"{person.name} ({person.role})" if person.role else person.name for person in article.byline),
        "kind": article.kind,
        "topics": ", ".join(article.topics),
        "photo": f"{image.url}{size}" if image else "",
        "alt": image.alt if image else "",
        "credit": image.credit if image else "",
        "published": f"{article.published_at:%a %d %b %Y %H:%M} UTC" if article.published_at else "",
    }
    if article.updated_at:
        lines["updated"] = f"{article.updated_at:%a %d %b %Y %H:%M} UTC"
    click.secho(printable(article.title), bold=True)
    if story.doubt:
        click.secho(f"  it would be held: {printable(story.doubt)}", fg="yellow")
    if image is None:  # what nobody can miss of a photo that is not there
        del lines["alt"], lines["credit"]
    for name, text in lines.items():
        click.echo(f"  {name:<10}{printable(text)}" if text else f"  {name:<10}{click.style('missing', fg='yellow')}")
    click.echo()


def _summarise(articles: "list[ArticleFacts]") -> None:
    from collections import Counter

    missing = Counter(name for article in articles for name in article.missing)
    if missing:
        told = ", ".join(f"{name} in {count}" for name, count in missing.most_common())
        say(f"Missing: {told} of {len(articles)}.")
