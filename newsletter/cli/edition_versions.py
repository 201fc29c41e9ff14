"""newsletter edition diff | mark | repoint | correct: an edition beside what was approved, and after it went out."""

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, as_option, json_option, print_json, printable, say


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@json_option
def diff(pk: int, as_json: bool) -> None:
    """What is not as it was approved: in a reopened draft, or in the articles of an edition that was sent."""
    from newsletter.editions import mark

    lines = mark.differences(found.edition(pk))
    if as_json:
        print_json({"edition": pk, "differences": lines})
        return
    for line in lines:
        click.echo(printable(line))
    if not lines:
        say("It is as it was approved.")


@click.command("mark", cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option("--text", required=True, help="What was wrong, and what is right.")
@as_option
def mark_(pk: int, text: str, as_email: str | None) -> None:
    """Mark a correction on the archive copy of an edition that was sent."""
    from newsletter.editions import mark

    mark.mark(found.edition(pk), text, found.sender(as_email))
    say(
        f"Marked on the archive copy of edition {pk}. The copies in mailboxes stay as they are, and links that lead"
        " straight to their stories cannot be pointed elsewhere."
        f"\nWhere links are counted: newsletter edition repoint {pk} ENTRY URL"
        f"\nTo mail a correction: newsletter edition correct {pk} --subject … --note …"
    )


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.argument("item", metavar="ENTRY", type=int)
@click.argument("address", metavar="URL")
@as_option
def repoint(pk: int, item: int, address: str, as_email: str | None) -> None:
    """Lead an entry's link elsewhere, also in the copies that went out: where links are counted."""
    from newsletter.editions import mark

    before = mark.repoint(found.edition(pk), item, address, found.sender(as_email))
    say(f"Entry {item} of edition {pk} leads to {address} now, not to {before}. Its words stay as they were mailed.")


@click.command(cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@click.option("--subject", required=True)
@click.option("--note", required=True, help="What was wrong, and what is right; Markdown.")
def correct(pk: int, subject: str, note: str) -> None:
    """Start a correction, for those only whose copy of edition ID was taken."""
    from newsletter.editions import draft

    made = draft.start_correction(found.edition(pk), subject, note)
    say(f"Edition {made.pk} corrects edition {pk}. Next: newsletter edition preview {made.pk}")
    click.echo(made.pk)
