"""newsletter article pin | unpin."""

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, as_option, printable, say

newsletter_option = click.option("--newsletter", "slug", metavar="SLUG", help="Which, where there are several.")


@click.command(cls=DjangoCommand)
@click.argument("article_id", metavar="ID", type=int)
@newsletter_option
@click.option("--section", metavar="SECTION", help="Where; else the first section that would take it.")
@as_option
def pin(article_id: int, slug: str | None, section: str | None, as_email: str | None) -> None:
    """Have an article in the next edition, whatever the caps say."""
    from newsletter.editions import pins
    from newsletter.feeds.manage import get_article
    from newsletter.newsletters import setup

    newsletter = setup.found(slug)
    made = pins.pin(newsletter, get_article(article_id), found.section(newsletter, section), found.editor(as_email))
    say(
        printable(
            f"Pinned: {made}{f', {made.section}' if made.section else ''}. It comes in when the draft is composed."
        )
    )


@click.command(cls=DjangoCommand)
@click.argument("article_id", metavar="ID", type=int)
@newsletter_option
@as_option
def unpin(article_id: int, slug: str | None, as_email: str | None) -> None:
    """Take a pin back; a draft that has the article keeps it."""
    from newsletter.editions import pins
    from newsletter.feeds.manage import get_article
    from newsletter.newsletters import setup

    article = get_article(article_id)
    pins.unpin(setup.found(slug), article, found.editor(as_email))
    say(printable(f"No longer pinned: {article}"))
