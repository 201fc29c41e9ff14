"""What is wrong, for `newsletter status`: computed from the database, so it is true with everything else dead."""

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.base import printable, to_type

if TYPE_CHECKING:
    from newsletter.tracking.findings import Finding

# Exit codes as monitoring systems read them: https://www.monitoring-plugins.org/doc/guidelines.html
OK, WARNING, CRITICAL, UNKNOWN = range(4)
NAMES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def check() -> tuple[str, int]:
    """One line with figures, and the exit code: 0 fine, 1 can wait, 2 cannot wait, 3 nobody can tell."""
    from django.db import Error

    from newsletter.tracking import watchdog

    try:
        found = watchdog.look()
        figures = _figures(found)
    except Error as error:
        said = (str(error).strip().splitlines() or ["no answer"])[0]
        return f"UNKNOWN: the database did not answer: {said}", UNKNOWN
    code = CRITICAL if any(each.level == "page" for each in found) else WARNING if found else OK
    words = found[0].words.replace("|", "/") if found else "nothing is wrong."  # figures follow the first |
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    return f"{NAMES[code]}: {words}{more} | {figures}", code


def alerts() -> list[dict[str, Any]]:
    """What is wrong now; `raised_at` is when a worker first saw it, null if none did yet."""
    from newsletter.tracking import watchdog

    return as_json(watchdog.look())


def as_json(found: "list[Finding]") -> list[dict[str, Any]]:
    """Findings with stable keys."""
    from newsletter.tracking.models import Alert

    raised = dict(Alert.objects.filter(ended_at=None).values_list("key", "raised_at"))
    return [
        {
            "key": each.key,
            "level": each.level,
            "words": each.words,
            "command": each.command,
            "raised_at": raised[each.key].isoformat() if each.key in raised else None,
        }
        for each in found
    ]


def show() -> None:
    """What is wrong, each with the command to run; nothing where nothing is."""
    from newsletter.tracking import watchdog

    found = watchdog.look()
    for each in found:
        click.secho(
            f"{'!' if each.level == 'page' else '·'} {printable(each.words)}",
            fg="red" if each.level == "page" else "yellow",
        )
        click.echo(f"  Next: {printable(to_type(each.command.removeprefix('newsletter ')))}")
    if found:
        click.echo()


def _figures(found: "list[Finding]") -> str:
    """Performance data, as the guidelines above want it."""
    from newsletter.deliveries import status as ledger
    from newsletter.editions.models import Edition
    from newsletter.tracking import life

    open_ = Edition.objects.filter(status__in=["planning", "sending", "paused"]).select_related("newsletter")
    counts = [each.counts for each in ledger.progress(open_)]
    age = life.silence()
    figures = {
        "alerts": len(found),
        "pages": sum(each.level == "page" for each in found),
        "open_editions": len(counts),
        "pending": sum(each.pending + each.sending for each in counts),
        "unknown": sum(each.unknown for each in counts),
    }
    shown = [f"{name}={value}" for name, value in figures.items()]
    return " ".join([*shown, *([f"sign_of_life={age:.0f}s"] if age is not None else [])])
