"""Every theme on every invented week, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter import jinja, links
from newsletter.editions.render import Rendered, render
from newsletter.editions.snapshot import Snapshot
from newsletter.errors import NewsletterError
from newsletter.mail.lint import Finding, findings
from newsletter.mail.slots import TOKEN
from newsletter.runtime.themes.weeks import weeks


@dataclass(frozen=True)
class Tried:
    """A theme on a week; `rendered` is None where it failed, and `findings` say why."""

    theme: str
    week: str
    rendered: Rendered | None
    findings: list[Finding]

    @property
    def size(self) -> int:
        """Bytes of HTML."""
        return len(self.rendered.html.encode()) if self.rendered else 0


def check(themes: Sequence[str] = ()) -> list[Tried]:
    """Each of `themes` (all, where none is named) on each week."""
    return [tried(theme, name, week) for theme in themes or jinja.themes() for name, week in weeks(theme).items()]


def tried(theme: str, name: str, week: Snapshot) -> Tried:
    """One mail made and looked through; a template at fault is a finding, not an exception."""
    try:
        made = render(week)
    except NewsletterError as error:
        return Tried(theme, name, None, [Finding("error", str(error))])
    address = week["newsletter"]["postal_address"]
    found = findings(made.html, made.text, unsubscribe=links.unsubscribe(TOKEN), postal_address=address)
    return Tried(theme, name, made, found)
