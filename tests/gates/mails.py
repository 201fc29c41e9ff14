"""The mails that are judged: every theme on every week, as it is and as Outlook on Windows reads it."""

from newsletter import jinja
from newsletter.editions.render import Rendered, render
from newsletter.runtime.themes.weeks import weeks


def all_mails() -> dict[str, Rendered]:
    """By name, such as roundup-ugly."""
    return {f"{theme}-{name}": render(week) for theme in jinja.themes() for name, week in weeks(theme).items()}
