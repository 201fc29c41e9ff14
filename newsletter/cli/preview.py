"""newsletter preview FEED_URL."""

from pathlib import Path

import click

from newsletter import config
from newsletter.cli.base import counted, say
from newsletter.runtime import boot


@click.command()
@click.argument("feed_url")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default="preview.html", show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open the file in a browser.")
def preview(feed_url: str, out: Path, open_browser: bool) -> None:
    """Any feed becomes this week's digest, as an HTML file and a .txt beside it. Nothing is stored."""
    # No key is needed, so none is made: not even a data directory is left behind.
    config.set_flags({"secret_key": "unused", "address_key": "unused"})
    boot.set_up_django()
    from django.utils import timezone

    from newsletter.editions.digest import digest
    from newsletter.errors import UsageError
    from newsletter.feeds import collect, urls

    address = urls.web_address(feed_url)
    say(f"Reading {address} and the pages of its newest stories …")
    seen = collect.look(address)
    made = digest(seen.title, seen.articles, address, timezone.now())
    text = out.with_suffix(".txt")
    try:
        out.write_text(made.rendered.html, encoding="utf-8")
        text.write_text(made.rendered.text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error
    if made.until is None:
        say("The feed gives no dates, so these are its first stories.")
    elif not made.is_this_week:
        last = f"{made.until.day} {made.until:%B %Y}"
        say(f"Nothing was published this week, so this is the feed's latest week, up to {last}.")
    size = len(made.rendered.html.encode())
    say(f"{made.stories} of {counted(made.found, 'story', 'stories')} in {size:,} bytes of HTML.")
    say("Next: newsletter demo shows the whole road; newsletter up starts your own desk.")
    click.echo(out)
    if open_browser:
        import webbrowser

        webbrowser.open(out.resolve().as_uri())
