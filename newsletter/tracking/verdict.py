"""Person or machine: who followed a link, as far as it can be told. Pure.

Mail scanners follow every link before a reader sees the mail, often from a browser's name. Each verdict names its
reason, the first that holds; what no reason speaks against is taken for a person. Raw and human counts stand side by
side, because neither is the truth.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from newsletter.editions.counting import CANARY

BURST_LINKS = 4  # different ones
BURST = timedelta(seconds=10)
AT_ONCE = timedelta(seconds=15)  # after the copy was handed over, nobody has read it yet

# Programs that say so, and none at all. Browsers that scanners imitate are caught by what they do. A bare "Mozilla/5.0"
# is Apple's mail program, which fetches every picture, whoever reads.
_PROGRAM = re.compile(
    r"bot\b|crawl|spider|scan|preview|fetch|monitor|curl|wget|python|java/|go-http|okhttp|libwww|headless|proofpoint"
    r"|mimecast|barracuda|symantec|trend ?micro|safelinks|facebookexternalhit|slackbot|\Amozilla/5\.0\Z",
    re.IGNORECASE,
)

# They fetch a picture when somebody looks at the mail, and never follow a link.
_PROXY = re.compile(r"googleimageproxy|yahoomailproxy", re.IGNORECASE)


class Press(NamedTuple):
    """One click or opening. `visit` is "" where nothing ties it to others; `handed_over` where the reader is known."""

    pk: int
    kind: str
    item: int
    at: datetime
    visit: str
    handed_over: datetime | None = None


def by_agent(agent: str, kind: str = "click") -> str:
    """ "agent" for a program that does not even pretend, else ""."""
    program = _PROGRAM.search(agent) or (kind == "click" and _PROXY.search(agent))
    return "agent" if not agent.strip() or program else ""


def verdicts(presses: Iterable[Press]) -> dict[int, str]:
    """The reason for each press that a machine made."""
    found: dict[int, str] = {}
    by_visit: dict[str, list[Press]] = {}
    for press in presses:
        if press.item == CANARY and press.kind == "click":
            found[press.pk] = "canary"
        elif press.handed_over is not None and press.at - press.handed_over < AT_ONCE:
            found[press.pk] = "timing"
        if press.visit:
            by_visit.setdefault(press.visit, []).append(press)
    for visit in by_visit.values():
        reason = _of_visit(visit)
        if reason:
            found = {**{press.pk: reason for press in visit}, **found}
    return found


def _of_visit(presses: list[Press]) -> str:
    """Who followed the link that nobody sees, or many links at once, is a machine in all that it did."""
    clicks = sorted((press for press in presses if press.kind == "click"), key=lambda press: press.at)
    if any(press.item == CANARY for press in clicks):
        return "canary"
    for at, first in enumerate(clicks):
        together = {press.item for press in clicks[at:] if press.at - first.at <= BURST}
        if len(together) >= BURST_LINKS:
            return "burst"
    return ""
