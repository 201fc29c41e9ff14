"""What a sign-up form says about the letters: the text that people agree to, printed and kept from one source."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from newsletter.editions import archive
from newsletter.newsletters.languages import spoken
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import proof


@dataclass(frozen=True)
class Box:
    """The short form that stands beneath past editions. `began` is when it was shown, see proof.py."""

    terms: tuple["Terms", ...]
    began: str


@dataclass(frozen=True)
class Terms:
    """For one newsletter: the sentences, the privacy notice, and the number of its latest edition, if there is one."""

    newsletter: Newsletter
    sentences: tuple[str, ...]
    latest: int | None


def terms_of(newsletters: Sequence[Newsletter]) -> list[Terms]:
    """In the language of the moment."""
    return [Terms(each, _sentences(each), _latest(each)) for each in newsletters]


def box_of(newsletter: Newsletter) -> Box | None:
    """In the newsletter's language; None while nobody can sign up."""
    if not newsletter.privacy_url:
        return None
    with translation.override(spoken(newsletter.language)):
        return Box((Terms(newsletter, _sentences(newsletter), None),), proof.began(time.time()))


def text_of(terms: Sequence[Terms]) -> str:
    """All that somebody agrees to by pressing, as it is kept for evidence."""
    lines = [_("Sign up")]
    for each in terms:
        lines += [*each.sentences, _("Privacy notice") + f": {each.newsletter.privacy_url}"]
    return "\n".join(lines)


def _sentences(newsletter: Newsletter) -> tuple[str, ...]:
    names = {"newsletter": newsletter.name, "sender": newsletter.sender_name, "day": WEEKDAYS[newsletter.weekday]}
    names["address"] = newsletter.sender_email
    own = newsletter.sender_name == newsletter.name
    return (
        _("%(newsletter)s comes once a week, on %(day)s.") % names,
        (_("It is sent from %(address)s.") if own else _("%(sender)s sends it from %(address)s.")) % names,
        _measured(newsletter),
        _("You may leave at any time, with one press."),
    )


def _measured(newsletter: Newsletter) -> str:
    kept = {
        "counted": _("We count how often each link is followed, not by whom."),
        "personal": _("We count how often each link is followed; by whom, only of readers who agreed to that."),
    }
    # A newsletter that does not say measures nothing.
    return kept.get(getattr(newsletter, "links", ""), _("We do not measure whether you open it or what you click."))


def _latest(newsletter: Newsletter) -> int | None:
    return archive.listed(newsletter).values_list("number", flat=True).first()
