"""newsletter preview FEED_URL."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsletter import config
from newsletter.cli.base import counted, html_file, say
from newsletter.runtime import boot

if TYPE_CHECKING:
    from newsletter.editions.digest import Digest
    from newsletter.editions.snapshot import Snapshot

PHOTO_SECONDS = 8.0  # what is not there by then is shown from the publication's site


@click.command()
@click.argument("feed_url")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=html_file,
    default="preview.html",
    show_default=True,
)
@click.option("--open", "open_browser", is_flag=True, help="Open the file in a browser.")
def preview(feed_url: str, out: Path, open_browser: bool) -> None:
    """Any feed becomes this week's digest, as an HTML file and a .txt beside it. Nothing is stored."""
    # No key is needed, so none is made: not even a data directory is left behind.
    config.set_flags({"secret_key": "unused", "address_key": "unused"})
    boot.set_up_django()
    from django.utils import timezone

    from newsletter.editions.digest import digest
    from newsletter.errors import UsageError
    from newsletter.feeds import collect, images, urls

    address = urls.web_address(feed_url)
    say(f"Reading {address} and the pages of its newest stories …")
    seen = collect.look(address)
    files: dict[str, bytes] = {}
    made = digest(seen.title, seen.articles, address, timezone.now(), lambda content: _pictured(content, files))
    text = out.with_suffix(".txt")
    try:
        out.write_text(images.embedded(made.rendered.html, files), encoding="utf-8")
        text.write_text(made.rendered.text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error
    if told := _whose_time(made):
        say(told)
    size = len(made.rendered.html.encode())
    say(f"{made.stories} of {counted(made.found, 'story', 'stories')} in {size:,} bytes of HTML.")
    say("Next: newsletter demo shows the whole road; newsletter up starts your own desk.")
    click.echo(out)
    if open_browser:
        import webbrowser

        webbrowser.open(out.resolve().as_uri())


def _pictured(content: "Snapshot", files: dict[str, bytes]) -> "Snapshot":
    """With its photos fit for mail in their places; they are put into `files`."""
    from newsletter.editions import pictures
    from newsletter.feeds import images

    wanted = pictures.wants(content)
    if wanted:
        say(f"Making {counted(len(wanted), 'photo')} fit for mail …")
    answers, made = images.in_memory(wanted, seconds=PHOTO_SECONDS)
    files |= made
    return pictures.placed(content, answers)


def _whose_time(made: "Digest") -> str:
    """Which stories these are, where they are not simply this week's."""
    if made.until is None:
        return "The feed gives no dates, so these are its first stories."
    last = f"{made.until.day} {made.until:%B %Y}"
    if made.weeks > 1:
        few = "Little was published this week" if made.is_current else "Nothing was published this week"
        return f"{few}, so these are the stories of {made.weeks} weeks, up to {last}."
    return (
        "" if made.is_current else f"Nothing was published this week, so this is the feed's latest week, up to {last}."
    )
