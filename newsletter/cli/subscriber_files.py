"""newsletter subscriber import | export: readers from files and into files."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from newsletter.cli import subscriber_reports as reports
from newsletter.cli.base import (
    DjangoCommand,
    as_option,
    counted,
    dry_run_option,
    json_option,
    print_json,
    say,
)

if TYPE_CHECKING:
    from newsletter.newsletters.models import Newsletter, Staff
    from newsletter.subscribers.files.proposal import Proposal, Wishes
    from newsletter.subscribers.importer import Refusal, Report

    Tell = Callable[[str, Refusal], None]

PEOPLE = ("subscribed", "unsubscribed", "non-subscribed", "hard_bounce", "soft_bounces", "complaint", "manual")
STATUSES = ("active", "pending", "paused", "unsubscribed")
newsletter_option = click.option("--newsletter", "slug", metavar="SLUG", help="Which, where there are several.")


@click.command("import", cls=DjangoCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@newsletter_option
@click.option("--people", type=click.Choice(PEOPLE), help="What everybody in the files is, where no column says it.")
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="What a column is; #2 is the second, - nothing."
)
@click.option(
    "--topic", "topics", multiple=True, metavar="THEIRS=OURS", help="What a group or tag of theirs is called here."
)
@click.option("--refused", "refused_to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write each line that made no reader into this CSV file, and why.")  # fmt: skip
@dry_run_option
@as_option
@json_option
def import_(files: tuple[Path, ...], refused_to: Path | None, as_email: str | None, **options: Any) -> None:
    """Take in CSV files of Mailchimp, Ghost, Substack, listmonk, SendGrid, of ours or plain ones.

    Nobody who left, is suppressed or was erased comes back by it. A line that cannot be used is refused alone; exit 6
    if any were. An import that was killed goes on where it stood when it is started again.
    """
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.EDIT)
    with _at_hand(files) as paths, _refusals(refused_to, files) as tell:
        proposals, newsletter = _proposals(paths, options)
        found = [_take_in(each, newsletter, staff, tell, options) for each in proposals]
    for proposal, report in zip(proposals, found, strict=True) if options["as_json"] else ():
        print_json(reports.facts(proposal, report, dry_run=options["dry_run"]))
    if not options["as_json"]:
        reports.show(found, newsletter, dry_run=options["dry_run"])
    reports.conclude(found, dry_run=options["dry_run"])


def _proposals(
    paths: Sequence[tuple[str, Path]], options: dict[str, Any]
) -> tuple[list["Proposal"], "Newsletter | None"]:
    """How each file will be read, those who must not be mailed first; all are looked at before anything is stored."""
    from newsletter.editions import topics
    from newsletter.newsletters import setup
    from newsletter.subscribers.files import proposal, sources

    wishes = _wishes(options)
    looked = [proposal.propose(path, wishes, name=name) for name, path in paths]
    needed = any(each.needs_newsletter for each in looked)
    newsletter = setup.found(options["slug"]) if needed or options["slug"] else None
    offered = topics.offered(newsletter) if newsletter else []
    found = [proposal.propose(path, wishes, offered, name=name) for name, path in paths] if offered else looked
    for each in found:
        proposal.insist(each)
        say(reports.described(each, offered))
    against = [*sources.SUPPRESSED, sources.Standing.UNSUBSCRIBED, sources.Standing.NEVER]
    return sorted(found, key=lambda each: each.people not in against), newsletter


def _wishes(options: dict[str, Any]) -> "Wishes":
    from newsletter.subscribers.files.proposal import Wishes
    from newsletter.subscribers.files.sources import Standing

    people = Standing(options["people"]) if options["people"] else None
    return Wishes(_pairs(options["columns"], "--map"), people, _pairs(options["topics"], "--topic"))


def _pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    from newsletter.errors import UsageError

    found = {}
    for text in texts:
        left, sign, right = text.rpartition("=")
        if not (left and sign and right):
            raise UsageError(f"{option} {text}: there is no = with something on both sides.")
        found[left.strip()] = right.strip()
    return found


def _take_in(
    proposal: "Proposal", newsletter: "Newsletter | None", staff: "Staff | None", tell: "Tell", options: dict[str, Any]
) -> "Report":
    from newsletter.subscribers import importer

    def listen(refusal: "Refusal") -> None:
        tell(proposal.name, refusal)

    with reports.progress(proposal.name, proposal.text.lines) as advance:
        for report in importer.take_in(proposal, newsletter, staff, dry_run=options["dry_run"], tell=listen):
            advance(report.theirs)
    return report


@contextmanager
def _at_hand(files: Sequence[Path]) -> Iterator[list[tuple[str, Path]]]:
    """The files with their names. One that comes through a pipe is copied first, because it is read more than once."""
    with tempfile.TemporaryDirectory(prefix="newsletter-import-") as folder:
        found = []
        for number, file in enumerate(files):
            path = file
            if not file.is_file():
                path = Path(folder) / str(number)
                with file.open("rb") as pipe, path.open("wb") as copy:
                    shutil.copyfileobj(pipe, copy)
            found.append((file.name, path))
        yield found


@contextmanager
def _refusals(target: Path | None, inputs: Sequence[Path]) -> "Iterator[Tell]":
    """Who is told of each line that made no reader: a CSV file, or nobody."""
    import csv

    from newsletter.errors import UsageError
    from newsletter.subscribers.files.formulas import guarded

    if target is None:
        yield lambda _name, _refusal: None
        return
    if target.exists() and any(target.samefile(each) for each in inputs):
        raise UsageError(f"{target} is what is imported; the refused lines need another file.")
    with _created(target, again="file,line,outcome,reason,address") as out:
        writer = csv.writer(out)
        writer.writerow(["file", "line", "outcome", "reason", "address"])
        yield lambda name, each: writer.writerow(
            [guarded(str(cell)) for cell in (name, each.line, each.outcome, each.reason, each.address)]
        )


@contextmanager
def _created(target: Path, *, again: str = "") -> Iterator[TextIO]:
    """A file that only its owner reads. One that exists is left alone, but for one of ours that begins with `again`."""
    from newsletter.errors import UsageError

    try:
        if target.exists() and not (again and target.open(encoding="utf-8-sig").readline().strip() == again):
            raise UsageError(f"{target} exists already and was not overwritten.")
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as out:
            yield out
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{target} cannot be written: {error}.") from error


@click.command("export", cls=DjangoCommand)
@click.argument("address", required=False)
@newsletter_option
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="Only these; may be repeated.")
@click.option("--suppressed", is_flag=True, help="The suppression list instead of readers.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Instead of the terminal."
)
@as_option
def export(address: str | None, output: Path | None, as_email: str | None, **options: Any) -> None:
    """A newsletter's readers, the suppression list, or everything that is known of one reader.

    With ADDRESS it is JSON, for somebody who asks for their data. CSV cells that a spreadsheet would take for formulas
    begin with an apostrophe; `subscriber import` takes it off again.
    """
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    staff = audit.acting(as_email, Right.EDIT)
    if address is not None:
        _export_one(address)
        return
    count, subject = _export_many(output, options)
    audit.record(staff, "export", subject, count=count)
    say(f"{counted(count, 'line')} of {subject}{f' in {output}' if output else ''}.")


def _export_one(address: str) -> None:
    from newsletter.cli.found import subscriber
    from newsletter.tracking import person

    print_json(person.everything(subscriber(address)))


def _export_many(output: Path | None, options: dict[str, Any]) -> tuple[int, str]:
    from newsletter.newsletters import setup
    from newsletter.subscribers import exporter

    columns: Sequence[str] = exporter.SUPPRESSIONS if options["suppressed"] else exporter.READERS
    if options["suppressed"]:
        rows, subject = exporter.suppressions(), "the suppression list"
    else:
        newsletter = setup.found(options["slug"])
        rows, subject = exporter.readers(newsletter, options["statuses"]), newsletter.slug
    with _created(output) if output else _stdout() as out:
        if options["form"] == "csv":
            return exporter.write_csv(rows, columns, out), subject
        return exporter.write_json(rows, out), subject


@contextmanager
def _stdout() -> Iterator[TextIO]:
    """The terminal or pipe; click's own does not print lone line ends as they are."""
    yield sys.stdout
    sys.stdout.flush()
