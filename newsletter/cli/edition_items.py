"""newsletter edition add | frame | item …: what stands in a draft."""

from collections.abc import Callable
from typing import Any

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, DjangoGroup, as_option, counted, printable, say

KINDS = ("note", "event", "outside", "promotion")
# Option, metavar, help. What a kind has and needs is told in newsletter/editions/written.py.
DETAILS = {
    "starts": ("TIME", "Event: such as 2026-12-03T13:00, in its zone"),
    "ends": ("TIME", "Event: likewise"),
    "zone": ("ZONE", "Event: in whose time; the newsletter's own by default"),
    "place": ("TEXT", "Event: where it is"),
    "outlet": ("NAME", "Outside piece: who published it"),
    "author": ("NAME", "Outside piece: who wrote it"),
    "date": ("DATE", "Outside piece: when it was published"),
    "sponsor": ("NAME", "Promotion: who pays for it"),
    "label": ("TEXT", 'Promotion: what it is called; "Sponsored" by default'),
    "url": ("URL", "Where the link or button leads"),
    "button": ("TEXT", 'What the button says; "Register" or "Read more" by default'),
}
PLACE = 99  # behind all others


def details_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each field of a written entry."""
    for name, (metavar, text) in reversed(DETAILS.items()):
        command = click.option(f"--{name}", metavar=metavar, help=text)(command)
    return command


def image_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A picture of the editor's choice."""
    command = click.option("--credit", metavar="TEXT", default="", help="Who took it.")(command)
    command = click.option("--alt", metavar="TEXT", default="", help="What it shows, for those who do not see it.")(
        command
    )
    return click.option("--image", metavar="URL", help="A picture for this edition.")(command)


section_option = click.option("--section", "slug", metavar="SECTION", help="Which, by its name or slug.")
position_option = click.option(
    "--position", type=click.IntRange(min=1), default=PLACE, help="From 1. Default: the last."
)


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.argument("article_id", metavar="ARTICLE", type=int)
@section_option
@position_option
@click.option("--again", is_flag=True, help="Though another edition of the newsletter has it.")
@as_option
def add(pk: int, article_id: int, slug: str | None, as_email: str | None, **options: Any) -> None:
    """Place a story in a draft by hand."""
    from newsletter.editions import edit
    from newsletter.feeds.manage import get_article

    found.editor(as_email)
    edition = found.edition(pk)
    section = found.section(edition.newsletter, slug)
    placed = edit.add_article(edition, get_article(article_id), section, options["position"], again=options["again"])
    say(f"Entry {placed.pk}: “{placed}” is in {placed.section}. Next: newsletter edition preview {pk}")
    click.echo(placed.pk)


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option("--from", "source", metavar="ID", type=int, help="Default: the edition before.")
@as_option
def frame(pk: int, source: int | None, as_email: str | None) -> None:
    """Take over what was written by hand in the edition before."""
    from newsletter.editions import edit

    found.editor(as_email)
    copies = edit.copy_frame(found.edition(pk), found.edition(source) if source else None)
    for each in copies:
        click.echo(printable(f"{each.pk}  {each.type}  {each}"))
    say(f"{counted(len(copies), 'entry', 'entries')} taken over. Events that are over stay behind.")


@click.group(cls=DjangoGroup)
def item() -> None:
    """Entries of a draft: write, change, move, drop."""


@item.command("add")
@click.argument("pk", metavar="ID", type=int)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--title", default="", metavar="TEXT")
@click.option("--dek", default="", metavar="TEXT", help="The sentence under the title; a note's words, in Markdown.")
@section_option
@position_option
@details_options
@image_options
@as_option
def item_add(pk: int, kind: str, slug: str | None, as_email: str | None, **options: Any) -> None:
    """Write a note, an event, an outside piece or a promotion into a draft."""
    from newsletter.editions import edit, written

    found.editor(as_email)
    edition = found.edition(pk)
    section = found.section(edition.newsletter, slug or _last_section(edition))
    image = written.image(options["image"], options["alt"], options["credit"]) if options["image"] else None
    words = edit.Written(kind, options["title"], options["dek"], _given(options))
    made = edit.add_written(edition, section, words, options["position"])  # type: ignore[arg-type] # one was named
    if image:
        edit.choose_image(made, image)
    say(f"Entry {made.pk}: {kind} in {made.section}. Next: newsletter edition preview {pk}")
    click.echo(made.pk)


@item.command("set")
@click.argument("item_id", metavar="ITEM", type=int)
@click.option("--title", metavar="TEXT", help='"" brings an article\'s own back.')
@click.option("--dek", metavar="TEXT", help="Likewise.")
@details_options
@image_options
@click.option("--no-image", is_flag=True, help="Print it without a picture.")
@click.option("--own-image", is_flag=True, help="Bring the article's own picture back.")
@as_option
def item_set(item_id: int, title: str | None, dek: str | None, as_email: str | None, **options: Any) -> None:
    """Change an entry, for this edition only."""
    from newsletter.editions import edit, written

    found.editor(as_email)
    changed = found.item(item_id)
    if title is not None or dek is not None:
        own = changed.dek or (changed.article.dek if changed.article else "")
        edit.edit_item(changed, headline=changed.title if title is None else title, dek=own if dek is None else dek)
    if given := _given(options):
        edit.edit_details(changed, given)
    if options["image"]:
        edit.choose_image(changed, written.image(options["image"], options["alt"], options["credit"]))
    elif options["no_image"] or options["own_image"]:
        edit.choose_image(changed, {} if options["no_image"] else None)
    say(f"Changed entry {item_id}. Next: newsletter edition preview {changed.edition_id}")


@item.command("move")
@click.argument("item_id", metavar="ITEM", type=int)
@section_option
@position_option
@as_option
def item_move(item_id: int, slug: str | None, position: int, as_email: str | None) -> None:
    """Put an entry at another place. Who takes the lead sends the old lead to where they came from."""
    from newsletter.editions import edit

    found.editor(as_email)
    moved = found.item(item_id)
    edit.move_item(moved, found.section(moved.edition.newsletter, slug) or moved.section, position)
    say(f"“{moved}” is in {moved.section}, place {moved.position}.")


@item.command("drop")
@click.argument("item_id", metavar="ITEM", type=int)
@click.option("--undo", is_flag=True, help="Put it back.")
@as_option
def item_drop(item_id: int, undo: bool, as_email: str | None) -> None:
    """Take an entry out; composing again respects it."""
    from newsletter.editions import edit

    found.editor(as_email)
    dropped = found.item(item_id)
    edit.drop_item(dropped, dropped=not undo)
    say(f"“{dropped}” is {'back' if undo else f'out. To put it back: newsletter edition item drop {item_id} --undo'}")


def _given(options: dict[str, Any]) -> dict[str, str]:
    return {name: options[name] for name in DETAILS if options[name] is not None}


def _last_section(edition: Any) -> str:
    from newsletter.errors import UsageError

    last = edition.newsletter.sections.filter(is_lead=False, cap__gt=0).order_by("position").last()
    if last is None:
        raise UsageError(
            "The newsletter has no section but its lead.", hint=f"newsletter set {edition.newsletter.slug} --section …"
        )
    return str(last.slug)
