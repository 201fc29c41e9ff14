"""newsletter subscriber …"""

import click

from newsletter.cli import found, subscriber_files, subscriber_why
from newsletter.cli.base import (
    DjangoGroup,
    as_option,
    confirm,
    counted,
    json_option,
    print_json,
    print_table,
    printable,
    say,
    yes_option,
)
from newsletter.cli.subscriber_files import newsletter_option


@click.group(cls=DjangoGroup)
def subscriber() -> None:
    """Readers: add, import, export, show, unsubscribe, suppress, erase."""


@subscriber.command()
@click.argument("address")
@click.option("--name", default="")
@newsletter_option
@as_option
def add(address: str, name: str, slug: str | None, as_email: str | None) -> None:
    """Add one reader whose consent you have. Whoever left stays gone."""
    from newsletter.errors import Refused
    from newsletter.newsletters import audit, setup
    from newsletter.newsletters.models import Right
    from newsletter.subscribers import consent, names

    staff, newsletter = audit.acting(as_email, Right.EDIT), setup.found(slug)
    result = consent.add(address, names.clean(name), newsletter, staff, "newsletter subscriber add")
    if result == "left":
        raise Refused(f"{address} left {newsletter}; only that reader can come back.")
    if result == "suppressed":
        raise Refused(f"{address} must not be mailed.", hint=f"newsletter subscriber show {address}")
    say(f"{address} gets {newsletter}." if result == "added" else f"{address} gets {newsletter} already.")


@subscriber.command()
@click.argument("address")
@json_option
def show(address: str, as_json: bool) -> None:
    """One address: its subscriptions, whether and why it is suppressed, and whether its reader was erased."""
    from newsletter.tracking import address as known

    facts = known.of(address)
    if as_json:
        print_json(facts)
        return
    click.echo(printable("  ".join(filter(None, (facts["address"], facts["name"])))))
    for words in filter(None, (known.moved(address, facts), *known.sentences(facts))):
        click.echo(printable(words))
    if facts["subscriptions"]:
        print_table(["newsletter", "status"], [tuple(each.values()) for each in facts["subscriptions"]])


@subscriber.command()
@click.argument("address")
@newsletter_option
@as_option
def unsubscribe(address: str, slug: str | None, as_email: str | None) -> None:
    """End a reader's subscription at their wish."""
    from newsletter.errors import UsageError
    from newsletter.newsletters import audit, setup
    from newsletter.newsletters.models import Right
    from newsletter.subscribers import consent
    from newsletter.subscribers.models import Consent

    staff, newsletter = audit.acting(as_email, Right.EDIT), setup.found(slug)
    subscription = found.subscriber(address).subscriptions.filter(newsletter=newsletter).first()
    if subscription is None:
        raise UsageError(f"{address} does not get {newsletter}.")
    ended = consent.unsubscribe(subscription, Consent.Source.STAFF, staff)
    say(f"{address} gets {newsletter} no longer." if ended else f"{address} had left {newsletter} before.")


@subscriber.command()
@click.argument("address")
@yes_option
@as_option
def erase(address: str, yes: bool, as_email: str | None) -> None:
    """Forget one reader, at their wish. The ledger keeps its counts, and no old file brings them back."""
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right
    from newsletter.tracking import address as known
    from newsletter.tracking import erase as erasing

    staff, reader = audit.acting(as_email, Right.EDIT), found.subscriber(address)
    lists = counted(reader.subscriptions.count(), "newsletter")
    confirm(f"This erases {reader.email or address} in {lists}, for good. Erase?", yes=yes)
    erasing.erase(reader, staff)
    say(f"Subscriber {reader.pk} is erased. Backups made before still hold them.")
    for words in known.sentences(known.of(address)):
        say(words)


@subscriber.command()
@click.argument("address")
@click.option(
    "--reason", type=click.Choice(["manual", "complaint", "hard_bounce"]), default="manual", show_default=True
)
@click.option("--note", default="", metavar="TEXT", help="What you know; it is kept and shown.")
@as_option
def suppress(address: str, reason: str, note: str, as_email: str | None) -> None:
    """Never mail an address again, for any newsletter; it need not be a reader's."""
    from newsletter.subscribers import addresses, consent, names, suppression

    staff, key = found.editor(as_email), addresses.key(addresses.clean(address))
    reader = consent.reader_of(key)
    about = {key: address, **({reader.address_key: reader.email or address} if reader else {})}
    for each, named in about.items():
        new = suppression.decide(each, reason, names.clean(note), staff)
        say(f"{named} is not mailed any more." if new else f"{named} was suppressed before.")


@subscriber.command()
@click.argument("address")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may be mailed again; it is kept.")
@yes_option
@as_option
def release(address: str, reason: str, yes: bool, as_email: str | None) -> None:
    """Let a suppressed address be mailed again. Whoever left stays gone, and whoever was erased stays so."""
    from newsletter.subscribers import addresses, names, suppression
    from newsletter.tracking import address as known

    staff, facts = found.editor(as_email), known.of(address)
    for words in known.sentences(facts):
        say(words)
    if facts["suppressed"] == "complaint":
        confirm("This reader called your mail spam. Mail them again?", yes=yes)
    was = suppression.release(addresses.key(addresses.clean(address)), staff, names.clean(reason))
    say(f"{address} may be mailed again; it was suppressed for {was}.")


for _command in (subscriber_files.import_, subscriber_files.export, subscriber_why.why):
    subscriber.add_command(_command)
