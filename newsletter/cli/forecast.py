"""newsletter forecast."""

from typing import Any

import click

from newsletter.cli.base import DjangoCommand, json_option, print_json, print_table, printable, say


@click.command(cls=DjangoCommand)
@click.option("--newsletter", "slug", metavar="SLUG", help="Only this one.")
@json_option
def forecast(slug: str | None, as_json: bool) -> None:
    """The next four runs: when by the wall clock and in UTC, to how many readers, with how many stories so far."""
    from django.utils import timezone

    from newsletter.deliveries import forecast as ahead
    from newsletter.newsletters import setup
    from newsletter.newsletters.models import Newsletter

    newsletters = [setup.found(slug)] if slug else list(Newsletter.objects.order_by("slug"))
    if not newsletters:
        say("There is no newsletter yet. Next: newsletter add NAME --sender EMAIL --postal-address …")
    now = timezone.now()
    for number, newsletter in enumerate(newsletters):
        runs = list(ahead.forecast(newsletter, now))
        if as_json:
            for each in runs:
                print_json(each.as_json())
        else:
            click.echo("\n" * bool(number) + click.style(printable(newsletter.name), bold=True))
            print_table(["goes out", "UTC", "stories close", "stories", "readers", ""], map(_row, runs), right=(3, 4))


def _row(each: Any) -> tuple[object, ...]:
    from newsletter import clock
    from newsletter.deliveries import forecast as ahead

    if each.state == ahead.SKIPPED:
        return ahead.words(each), "", "", "", "", "skipped: a date without an edition"
    state = f"edition {each.edition.pk}: {each.state}" if each.edition else each.state
    zone = each.newsletter.zone
    cutoff = clock.local(each.run.cutoff_at, zone).removesuffix(f" {clock.place(zone)}")
    notes = "; ".join(filter(None, [state, each.clocks]))
    return ahead.words(each), f"{each.send_at:%d %b %H:%M}", cutoff, each.stories, f"{each.readers:,}", notes
