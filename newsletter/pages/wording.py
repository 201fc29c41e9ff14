"""What a sign-up form says about the letters: the text that people agree to, printed and kept from one source."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from newsletter.editions import archive
from newsletter.newsletters.models import Newsletter


@dataclass(frozen=True)
class Terms:
    """For one newsletter: the sentences, the privacy notice, and the number of its latest edition, if there is one."""

    newsletter: Newsletter
    sentences: tuple[str, ...]
    latest: int | None


def terms_of(newsletters: Sequence[Newsletter]) -> list[Terms]:
    """In the language of the moment."""
    return [Terms(each, _sentences(each), _latest(each)) for each in newsletters]


def text_of(terms: Sequence[Terms]) -> str:
    """All that somebody agrees to by pressing, as it is kept for evidence."""
    lines = [_("Sign up")]
    for each in terms:
        lines += [*each.sentences, _("Privacy notice") + f": {each.newsletter.privacy_url}"]
    return "\n".join(lines)


def _sentences(newsletter: Newsletter) -> tuple[str, ...]:
    names = {"newsletter": newsletter.name, "sender": newsletter.sender_name, "day": WEEKDAYS[newsletter.weekday]}
    return (
        _("%(newsletter)s is written by %(sender)s and comes once a week, on %(day)s.") % names,
        _("We do not measure whether you open it or what you click."),
        _("You may leave at any time, with one press."),
    )


def _latest(newsletter: Newsletter) -> int | None:
    return archive.listed(newsletter).values_list("number", flat=True).first()
