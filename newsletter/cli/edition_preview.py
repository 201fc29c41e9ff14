"""newsletter edition preview and test: the mail as it would go out, in files or in a mailbox."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, as_option, counted, html_file, printable, say

if TYPE_CHECKING:
    from newsletter.editions.models import Edition
    from newsletter.editions.preflight import Copy
    from newsletter.editions.render import Rendered


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=html_file,
    help="Default: edition-ID.html, and .txt",
)
@click.option("--text", is_flag=True, help="Print the text part instead.")
@click.option("--reader", metavar="ADDRESS", help="As this reader would get it; its links change nothing.")
@click.option("--variants", is_flag=True, help="Every copy, also those for readers who chose topics.")
@click.option("--gallery", type=click.Path(file_okay=False, path_type=Path), help="Write pictures there, by Chromium.")
def preview(pk: int, out: Path | None, gallery: Path | None, text: bool, **which: Any) -> None:
    """Write the mail as it would go out, as HTML and text files; our own pictures stand inside the HTML."""
    chosen = found.edition(pk)
    make_pictures(chosen)
    mails = _mails(chosen, which["reader"], every=which["variants"])
    if text:
        click.echo("\n\n".join(mail.text for mail in mails.values()))
        return
    for name, mail in mails.items():
        target = out or Path(f"edition-{pk}.html")
        _write(mail, target.with_name(f"{target.stem}{name}{target.suffix}"), gallery)


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option(
    "--to", "addresses", metavar="ADDRESS", multiple=True, required=True, help="Who gets it; may be repeated."
)
@click.option("--like", metavar="ADDRESS", help="The copy that this reader would get.")
@as_option
def test(pk: int, addresses: tuple[str, ...], like: str | None, as_email: str | None) -> None:
    """Send the mail with its real headers to an address; its unsubscribe answers as always and changes nothing."""
    from newsletter.deliveries import rehearse

    chosen, staff = found.edition(pk), found.editor(as_email)
    make_pictures(chosen)
    topic_set = found.subscription(like, chosen.newsletter).topic_set if like else ""
    for address in addresses:
        sent_to = rehearse.rehearse(chosen, address, staff, topic_set)
        say(f"A test of edition {pk} goes to {sent_to}, as soon as a worker runs. Next: newsletter letter list")


def make_pictures(chosen: "Edition") -> None:
    """Make a draft's pictures fit for mail now, and say which cannot be shown."""
    from newsletter.editions import ready

    if chosen.status == "draft":
        for line in ready.make(chosen):
            say(f"Note: {line}")


def _mails(chosen: "Edition", reader: str | None, *, every: bool) -> "dict[str, Rendered]":
    """What to write, by what is put behind the file's name."""
    from newsletter.editions import preflight

    copies = preflight.copies(chosen)
    if every:
        return {f"-{number}" if number else "": _made(copy) for number, copy in enumerate(copies)}
    if reader is None:
        return {"": _made(copies[0])}
    theirs = found.subscription(reader, chosen.newsletter)
    copy = next((each for each in copies if each.topic_set == theirs.topic_set), copies[0])
    return {"": _filled(_made(copy), chosen.newsletter_id, theirs.subscriber.name)}


def _made(copy: "Copy") -> "Rendered":
    if isinstance(copy.made, Exception):
        raise copy.made
    return copy.made


def _filled(mail: "Rendered", newsletter: int, name: str) -> "Rendered":
    from newsletter.letters import rehearsal

    html, text = mail.html, mail.text
    for slot, words in rehearsal.slots(newsletter, name).items():
        html, text = html.replace(f"@@{slot}@@", words), text.replace(f"@@{slot}@@", words)
    return replace(mail, html=html, text=text)


def _write(mail: "Rendered", target: Path, gallery: Path | None) -> None:
    from newsletter.errors import UsageError
    from newsletter.feeds import images
    from newsletter.runtime.themes import look

    try:
        target.write_text(images.embedded(mail.html), encoding="utf-8")
        target.with_suffix(".txt").write_text(mail.text, encoding="utf-8")
        taken = list(look.album(target, gallery)) if gallery else []
    except OSError as error:
        raise UsageError(f"{error.filename or target} cannot be written: {error.strerror}.") from error
    said = f"{mail.subject}\n{len(mail.html.encode()):,} bytes of HTML in {target}, its text beside it"
    pictures = f"{counted(len(taken), 'picture')} in {gallery}" if taken else "No Chromium was found: no picture."
    say(printable(f"{said}\n{pictures}" if gallery else said))
