"""Reading what was typed into a sign-up form: every field is an enemy's until it is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from newsletter.editions import topics
from newsletter.errors import UsageError
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers import addresses, names, proof
from newsletter.subscribers.signup import Asked

LONGEST_NAME, LONGEST_ADDRESS = names.LENGTH, 254
TRAP = "reference"  # a field that people do not see; no browser fills in one of that name by itself


@dataclass(frozen=True)
class Step:
    """What is shown next: form, once-more, proof or sent."""

    name: str
    ticket: proof.Ticket | None = None


@dataclass(frozen=True)
class Filled:
    """A form as it was sent. `asked` is None where there are `faults`, by field; `values` are shown again."""

    values: Mapping[str, str]
    newsletters: Sequence[str]
    topics: Sequence[str]
    faults: Mapping[str, str] = field(default_factory=dict)
    asked: Asked | None = None

    @property
    def trapped(self) -> bool:
        return bool(self.values.get(TRAP))

    @property
    def sure(self) -> bool:
        return self.values.get("sure") == "1"

    def shown(self, now: float) -> str:
        """The proof that came with it, see proof.shown."""
        return proof.shown(self.values["ticket"], self.values["number"], self._key, now)

    def ticket(self, now: float) -> proof.Ticket:
        """The question to ask: the one that was asked before, while it lasts, so that waiting is not begun anew."""
        seconds = self.asked.seconds if self.asked else None
        return proof.read(self.values["ticket"], self._key, now) or proof.ticket(self._key, seconds, now)

    @property
    def _key(self) -> str:
        return addresses.abuse_key(self.values["address"])


def shown_again(text: str) -> str:
    """What was typed, fit to stand in its field once more: HTML and PostgreSQL know no NUL."""
    return text.replace("\0", "\ufffd")[:1000]


def empty(found: Sequence[Newsletter]) -> Filled:
    """The form before anybody typed."""
    slugs = [each.slug for each in found] if len(found) == 1 else []
    return Filled(dict.fromkeys(("address", "name"), ""), slugs, ())


def topics_of(found: Sequence[Newsletter]) -> list[str]:
    """What a form lets people choose from: the newsletter's topics, where it is about one."""
    return topics.offered(found[0]) if len(found) == 1 else []


def read(sent: QueryDict, found: Sequence[Newsletter], now: float) -> Filled:
    """Check a form. What is not offered is not asked for; what cannot be mailed is told beside its field."""
    fields = ("address", "name", TRAP, "sure", "began", "ticket", "number")
    values = {name: shown_again(sent.get(name, "")) for name in fields}
    offered = topics_of(found)
    chosen = [each for each in sent.getlist("topics") if each in offered]
    wanted = found if len(found) == 1 else [each for each in found if each.slug in sent.getlist("newsletters")]
    faults, address = {}, ""
    try:
        address = addresses.clean(values["address"])
    except UsageError:
        faults["address"] = _("Please write an address such as ada@example.org.")
    if len(values["name"]) > LONGEST_NAME:
        faults["name"] = _("Please use at most %(count)s characters.") % {"count": LONGEST_NAME}
    if not wanted:
        faults["newsletters"] = _("Please choose at least one.")
    slugs = [each.slug for each in wanted]
    if faults:
        return Filled(values, slugs, chosen, faults)
    return Filled(values, slugs, chosen, {}, Asked(
        address=address, newsletters=wanted, name=names.clean(values["name"]), topics=chosen,
        seconds=proof.seconds_since(values["began"], now), trapped=bool(values[TRAP]) or values["sure"] == "1",
    ))  # fmt: skip
