"""newsletter demo: the whole road on an invented magazine, through the real server, workers and beat.

Nothing leaves this machine: the transport is the outbox, whatever the settings say.
"""

import email
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from newsletter import config as settings
from newsletter.errors import NewsletterError, Refused
from newsletter.runtime import lock, picture, up
from newsletter.runtime.magazine import readers
from newsletter.runtime.magazine.server import Magazine

if TYPE_CHECKING:
    from newsletter.editions.models import Edition
    from newsletter.newsletters.models import Newsletter

READERS = 1000
MARKER = ".newsletter-demo"  # only a folder that the demo made itself is ever emptied
STUCK_SECONDS = 60.0  # without any copy going out
SECTIONS = (
    "Lead: lead",
    "Analysis: kind=Analysis; cap=5",
    "Reporting: kind=Reporting; cap=4",
    "QiOSK: kind=QiOSK; cap=3",
    "Latest: kind=Latest; cap=4",
)
NOTE = """Dear reader,

most of what happened this week happened quietly: a cable mended before the storms, a talk that nobody announced,
a clock in a committee room that has begun to run. We have tried to give the quiet things their space.

— The editors"""

console = Console(highlight=False)


def main(*, stay: bool = False) -> None:
    """Run the road and end; with `stay` the web and the magazine stay up until Ctrl-C.

    Raises NewsletterError when any step fails, and leaves the data directory for a look.
    """
    folder = _data_dir()
    _start_empty(folder)
    site = f"127.0.0.1:{_free_port(prefer=8000 if stay else 0)}"
    settings.isolate(
        {
            "data_dir": str(folder),
            "site_url": f"http://{site}",
            "bind": site,
            "transport": "outbox",
            "batch_size": "50",
            "tick": "1",
            "allow_private_hosts": "1",
        }
    )
    console.print("[bold]The whole road, on an invented magazine.[/] Nothing leaves this machine.\n")
    with _magazine(folder) as address, _running(folder):
        edition = _travel(address, folder)
        _write_digest(edition, folder)
        _prove(edition, folder)
        _show_what_next(folder)
        if stay:
            _stay(edition, address)


def _travel(address: str, folder: Path) -> "Edition":
    """Collect, compose, approve, schedule, and watch the copies go out."""
    from newsletter.runtime.boot import set_up_django

    set_up_django()
    newsletter = _newsletter(address)
    with _step("importing readers") as done:
        done(_import(newsletter, folder))
    with _step("collecting two feeds") as done:
        done(_collect(address))
    with _step("composing the week") as done:
        edition, stories = _compose(newsletter)
        done(f"{stories} stories in their sections, “{edition.subject}”")
    with _step("making photos fit for mail") as done:
        done(_make_pictures(edition))
    with _step("approving and scheduling") as done:
        edition = _approve(edition)
        done(f"content {edition.content_hash[:12]} is frozen")
    _watch(edition)
    return edition


def _newsletter(address: str) -> "Newsletter":
    from newsletter.newsletters import sections, setup

    values = {
        "tagline": "Foreign policy, soberly",
        "mission": "The Even Keel is an invented magazine: nobody and nothing in it exists.",
        "home_url": address,
        "sender_name": "The Even Keel",
        "sender_email": "desk@evenkeel.example",
        "reply_to": "letters@evenkeel.example",
        "postal_address": "14 Harbour Row, Port Ellis",
        "weekday": 3,
        "zone": "America/New_York",
    }
    return setup.add("The Even Keel", values, [sections.read(text) for text in SECTIONS], None)


def _import(newsletter: "Newsletter", folder: Path) -> str:
    from newsletter.subscribers import importer

    file = folder / "readers.csv"
    readers.write_csv(file, READERS)
    *_, result = importer.import_csv(file, newsletter, None)
    if result.refused:
        raise NewsletterError(f"{result.refused} readers were refused: {result.shown[0]}.")
    return f"{result.counts['added']:,} readers, some with names that break naive software"


def _collect(address: str) -> str:
    from newsletter.feeds import collect, manage
    from newsletter.feeds.models import Feed

    for path in ("/feeds/feed.rss", "/feeds/notebook.atom"):
        manage.add(address + path, manage.Wishes())
    results = list(collect.collect_all(Feed.objects.all()))
    for result in results:
        if result.error:
            raise NewsletterError(f"A feed could not be collected: {result.error}")
    return f"{sum(result.new for result in results)} articles"


def _compose(newsletter: "Newsletter") -> "tuple[Edition, int]":
    from newsletter.editions import draft, edit

    composed = draft.compose_regular(newsletter)
    edit.edit_words(composed.edition, subject=composed.edition.subject, preheader=composed.edition.preheader, note=NOTE)
    return composed.edition, composed.taken


def _make_pictures(edition: "Edition") -> str:
    from newsletter.editions import ready
    from newsletter.feeds.models import PictureFile

    problems = ready.make(edition)
    if problems:
        raise NewsletterError(problems[0])
    sizes = [len(file.content) for file in PictureFile.objects.all()]
    return f"{len(sizes)} files of {sum(sizes) // 1000:,} kB in all, on our own host"


def _approve(edition: "Edition") -> "Edition":
    from newsletter.editions import approve

    edition = approve.approve(edition, None)
    return approve.schedule(edition, datetime.now(UTC), None)


def _watch(edition: "Edition") -> None:
    """A bar over the ledger's own counts, until the beat and the workers are through. Raises NewsletterError."""
    from newsletter.deliveries import status

    columns = (TextColumn("  {task.description:<28}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("sending through two workers", total=READERS)
        seen, since = -1, time.monotonic()
        while edition.status in ("scheduled", "planning", "sending"):
            counts = status.progress([edition])[0].counts
            if counts.decided != seen:
                seen, since = counts.decided, time.monotonic()
            if time.monotonic() - since > STUCK_SECONDS:
                raise NewsletterError("The send does not move.", hint="Read up.log in the demo's data directory.")
            progress.update(task, completed=counts.decided)
            time.sleep(0.1)
            edition.refresh_from_db()
        progress.update(task, completed=status.progress([edition])[0].counts.decided)
    if edition.status != "sent":
        raise NewsletterError(f"The edition is {edition.status}: {edition.status_reason}")
    took = (edition.finished_at or datetime.now(UTC)) - (edition.started_at or datetime.now(UTC))
    _line("sent", f"{edition.planned:,} copies in {took.total_seconds():.1f} s")


def _prove(edition: "Edition", folder: Path) -> None:
    """The audit balances, and the outbox holds each copy once. Raises NewsletterError."""
    from newsletter.deliveries import status

    found = status.audit(edition)
    counts = found.counts
    if not found.balanced or counts.accepted != READERS:
        raise NewsletterError(f"The audit does not balance: {'; '.join(found.faults) or counts}")
    copies = [_message_id(file) for file in (folder / "outbox" / "new").iterdir()]
    if len(copies) != READERS or len(set(copies)) != READERS:
        raise NewsletterError(f"The outbox holds {len(copies)} mails, {len(set(copies))} of them different.")
    equation = (
        f"{found.candidates:,} candidates = {counts.accepted:,} accepted + {sum(found.excluded.values())} excluded"
    )
    _line("audit", f"balances: {equation}; the outbox holds each copy once")


def _message_id(file: Path) -> str:
    with file.open("rb") as opened:
        return str(email.message_from_bytes(opened.read(4096))["Message-ID"])


def _write_digest(edition: "Edition", folder: Path) -> None:
    """digest.html with the photos inside it, digest.txt, and digest.png where a Chromium is found."""
    from newsletter.editions import freeze
    from newsletter.feeds import images

    made = freeze.preview(edition)
    page = folder / "digest.html"
    page.write_text(images.embedded(made.html), encoding="utf-8")
    page.with_suffix(".txt").write_text(made.text, encoding="utf-8")
    with _step("picturing the digest") as done:
        taken = picture.take(page.as_uri(), page.with_suffix(".png"))
        done(f"{len(made.html.encode()):,} bytes of HTML" if taken else "no Chromium was found, so no PNG")


def _show_what_next(folder: Path) -> None:
    shown = _short(folder)
    names = [name for name in ("digest.html", "digest.txt", "digest.png") if (folder / name).exists()]
    console.print(f"\n[bold]Look at[/]  {', '.join(f'{shown}/{name}' for name in names)}")
    console.print(f"         {shown}/outbox/new, every reader's own copy")
    program = "newsletter" if shutil.which("newsletter") else _short(Path(sys.executable).with_name("newsletter"))
    console.print(f"[bold]Try[/]      {program} --data-dir {shown} status")
    console.print(f"         {program} --data-dir {shown} edition audit 1")
    console.print(f"         {program} demo --stay, and make an edition in the desk yourself")


def _stay(edition: "Edition", address: str) -> None:
    from newsletter.editions import draft
    from newsletter.newsletters import people

    special = draft.compose_special(edition.newsletter).edition
    link = people.login_link("you@evenkeel.example")
    console.print(
        f"\n[bold]The desk[/] is up; a special edition, No. {special.number}, waits there for you as a draft."
    )
    console.print(f"Sign in once with\n  [bold]{link}[/]", soft_wrap=True)
    console.print(f"The magazine itself is at {address}. Ctrl-C stops everything.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("\nStopping.")


@contextmanager
def _magazine(folder: Path) -> Iterator[str]:
    """The magazine's address, while it answers."""
    with _step("drawing the photographs") as done:
        magazine = Magazine(datetime.now(UTC), folder / "photos")
        running = magazine.serve()
        done(f"{len(magazine.articles)} articles at {running.url}")
    try:
        yield running.url
    finally:
        running.stop()


@contextmanager
def _running(folder: Path) -> Iterator[None]:
    with ExitStack() as stack:
        with _step("starting web, workers, beat") as done:
            stack.enter_context(up.in_background(folder / "up.log"))
            done("on an embedded Redis-compatible server and SQLite")
        yield


@contextmanager
def _step(text: str) -> Iterator[Any]:
    """Say what is being done while it takes long, and in the end how long it took and what came of it."""
    started = time.monotonic()
    said: list[str] = []
    with console.status(f"{text} …"):
        yield said.append
    _line(text, "".join(said), time.monotonic() - started)


def _line(what: str, came: str, seconds: float | None = None) -> None:
    took = f"{seconds:5.1f} s" if seconds is not None else " " * 7
    console.print(f"  {what:<28}{took}  [dim]{came}[/]", soft_wrap=True)


def _data_dir() -> Path:
    """Where the demo lives: what NEWSLETTER_DATA_DIR or --data-dir say, never what newsletter.toml says."""
    current = settings.current()
    named = current.sources["data_dir"].startswith(("environment", "flag"))
    return current.data_dir if named else Path("var/demo").resolve()


def _start_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise Refused(
                f"{_short(folder)} holds something that is not a demo, so it was not emptied.",
                hint="newsletter --data-dir ANOTHER demo",
            )
        _refuse_while_running(folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def _refuse_while_running(folder: Path) -> None:
    os.close(lock.claim(replace(settings.current(), data_dir=folder)))


def _free_port(prefer: int) -> int:
    for port in (prefer, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as found:
                return int(found.getsockname()[1])
        except OSError:
            continue
    raise Refused("No free port was found on 127.0.0.1.")


def _short(folder: Path) -> str:
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
