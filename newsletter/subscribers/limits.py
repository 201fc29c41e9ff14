"""How many letters strangers may cause, so that nobody's mailbox can be flooded through our forms (T-15). Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

DAY, MONTH, HOUR = timedelta(days=1), timedelta(days=30), timedelta(hours=1)
PER_ADDRESS_A_DAY, PER_ADDRESS_A_MONTH = 1, 3
A_BUSY_HOUR = 500  # sign-ups; more switch the defence on, and refuse nobody
ENOUGH = 50  # letters from which a share can be told
JUMP = 0.5  # of the usual share of confirmed ones


@dataclass(frozen=True)
class Limits:
    """Letters an hour to addresses asked for by one network, and to those of one domain."""

    network: int = 10
    domain: int = 50


USUAL, TIGHT = Limits(), Limits(network=3, domain=10)


@dataclass
class Seen:
    """What was mailed already: by address unconfirmed, by network and domain whether confirmed or not."""

    day: Counter[str] = field(default_factory=Counter)
    month: Counter[str] = field(default_factory=Counter)
    network: Counter[str] = field(default_factory=Counter)
    domain: Counter[str] = field(default_factory=Counter)

    def add(self, abuse_key: str, network: str, domain: str) -> None:
        self.day[abuse_key] += 1
        self.month[abuse_key] += 1
        self.network[network] += 1
        self.domain[domain] += 1

    def refusal(self, abuse_key: str, network: str, domain: str, limits: Limits) -> str:
        """Why one more must not be mailed, or empty. An unknown network and a big provider's domain have no limit."""
        if self.day[abuse_key] >= PER_ADDRESS_A_DAY:
            return "address: one a day"
        if self.month[abuse_key] >= PER_ADDRESS_A_MONTH:
            return "address: three a month"
        if network and self.network[network] >= limits.network:
            return f"network: {limits.network} an hour"
        if domain and self.domain[domain] >= limits.domain:
            return f"domain: {limits.domain} an hour"
        return ""


def suspicion(asked: int, recent: tuple[int, int], usual: tuple[int, int]) -> str:
    """Why sign-ups look like an abuse now, or empty. `asked` in the last hour; pairs of (mailed, confirmed of them)."""
    if asked > A_BUSY_HOUR:
        return f"More than {A_BUSY_HOUR} sign-ups came within an hour"
    share = _share(*usual) if usual[0] >= ENOUGH else 1 / 2
    if recent[0] >= ENOUGH and _share(*recent) < JUMP * share:
        return f"Only {_share(*recent):.0%} of the latest sign-ups were confirmed; usual is {share:.0%}"
    return ""


def _share(mailed: int, confirmed: int) -> float:
    return confirmed / mailed if mailed else 0.0
