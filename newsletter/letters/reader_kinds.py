"""Letters to readers and to those who want to be: in the newsletter's language, with nothing in them that was typed.

Each has a link to a page with a button, because mail scanners follow every link. Its token is made when the letter is,
and stands in no row.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from newsletter import links, signing
from newsletter.letters.words import Publication, Words
from newsletter.signing import Purpose


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """The press that makes a subscription. `request` is a SignUp's public id, `names` those of the newsletters."""

    request: int
    asked_at: datetime
    names: tuple[str, ...]

    def words(self, about: Publication) -> Words:
        names = ", ".join(self.names)
        return Words(
            subject=_("Please confirm: %(newsletter)s") % {"newsletter": names},
            happened=_("One press, and you get %(newsletter)s.") % {"newsletter": names},
            paragraphs=(
                _("Somebody, probably you, asked for it with this address."),
                _("If it was not you, do nothing: without the press you get nothing further."),
                _("The link works for 14 days."),
            ),
            link=(_("Confirm"), links.confirm(signing.fresh(Purpose.CONFIRM, self.request, self.asked_at))),
            why=_("You get this letter because somebody wrote your address into the form of %(newsletter)s.")
            % {"newsletter": about.name},
        )


@dataclass(frozen=True, kw_only=True)
class Already:
    """Somebody signed up who gets it already. `subscription` is a public id."""

    subscription: int
    names: tuple[str, ...]

    def words(self, about: Publication) -> Words:
        return Words(
            subject=_("You get %(newsletter)s already") % {"newsletter": ", ".join(self.names)},
            happened=_("You get %(newsletter)s already.") % {"newsletter": ", ".join(self.names)},
            paragraphs=(
                _("Somebody, probably you, asked for it again with this address. Nothing has changed."),
                _("If it does not arrive, look into the folder for unwanted mail."),
            ),
            link=(_("Choose what you get"), links.preferences(signing.token_for(self.subscription))),
            why=_subscribed(about),
        )


@dataclass(frozen=True, kw_only=True)
class Welcome:
    """The first letter after the press. `archive` is the address of past editions, or empty."""

    subscription: int
    archive: str = ""

    def words(self, about: Publication) -> Words:
        token = signing.token_for(self.subscription)
        rows = ((_("Past editions"), self.archive),) if self.archive else ()
        return Words(
            subject=_("Welcome to %(newsletter)s") % {"newsletter": about.name},
            happened=_("Welcome. You get %(newsletter)s from the next edition on.") % {"newsletter": about.name},
            paragraphs=(_("You may leave at any time, with one press, by the link in every edition."),),
            rows=(*rows, (_("Leave"), links.unsubscribe(token))),
            link=(_("Choose what you get"), links.preferences(token)),
            why=_subscribed(about),
        )


@dataclass(frozen=True, kw_only=True)
class Goodbye:
    """The last letter, to who left without seeing a page. `subscription` is a public id."""

    subscription: int

    def words(self, about: Publication) -> Words:
        token = signing.token_for(self.subscription)
        return Words(
            subject=_("You have left %(newsletter)s") % {"newsletter": about.name},
            happened=_("You have left %(newsletter)s. Thank you for having read it.") % {"newsletter": about.name},
            paragraphs=(
                _("You get no further edition, and this is our last letter."),
                _("If it was a mistake, you can take it back within a day."),
            ),
            link=(_("See, or take it back"), links.unsubscribe(token)),
            why=_("You get this letter because your subscription to %(newsletter)s has just ended.")
            % {"newsletter": about.name},
        )


@dataclass(frozen=True, kw_only=True)
class FreshLink:
    """The way to name, address, download and erasure: a link that works for two hours."""

    subscription: int
    asked_at: datetime

    def words(self, about: Publication) -> Words:
        token = signing.fresh(Purpose.PERSONAL, self.subscription, self.asked_at)
        return Words(
            subject=_("Your link to your own page at %(newsletter)s") % {"newsletter": about.name},
            happened=_("Here is the link to your own page."),
            paragraphs=(
                _("There you may change your name and address, take your data with you, or have it erased."),
                _("The link works for two hours. If you did not ask for it, do nothing."),
            ),
            link=(_("Open my page"), links.personal(token)),
            why=_subscribed(about),
        )


@dataclass(frozen=True, kw_only=True)
class AddressChange:
    """To the new address: the press that moves a reader there. `request` is a SignUp's public id."""

    request: int
    asked_at: datetime

    def words(self, about: Publication) -> Words:
        token = signing.fresh(Purpose.ADDRESS, self.request, self.asked_at)
        return Words(
            subject=_("Please confirm your new address for %(newsletter)s") % {"newsletter": about.name},
            happened=_("One press, and %(newsletter)s comes to this address.") % {"newsletter": about.name},
            paragraphs=(
                _("A reader, probably you, wants it here. If it was not you, do nothing."),
                _("The link works for three days."),
            ),
            link=(_("Use this address"), links.change_of_address(token)),
            why=_("You get this letter because a reader of %(newsletter)s gave this address as their new one.")
            % {"newsletter": about.name},
        )


def _subscribed(about: Publication) -> str:
    return _("You get this letter because you signed up for %(newsletter)s.") % {"newsletter": about.name}
