"""What was read of an edition: clicks by section, position, author and topic, and the stories that were read most."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from newsletter.editions.counting import CANARY, mode_of
from newsletter.editions.models import Edition
from newsletter.tracking.models import Click, ClickTotal

BEST = 10


@dataclass(frozen=True)
class Read:
    """Presses of one thing: by people as far as can be told, and all."""

    name: str
    human: int
    raw: int


@dataclass(frozen=True)
class Reading:
    """`machines` counts what was no person by its reason; `opens` is None where nobody agreed to be counted."""

    mode: str
    clicks: Read
    opens: Read | None
    stories: tuple[Read, ...]
    sections: tuple[Read, ...]
    positions: tuple[Read, ...]
    authors: tuple[Read, ...]
    topics: tuple[Read, ...]
    machines: dict[str, int]


def of(edition: Edition) -> Reading | None:
    """None where the newsletter does not count."""
    snapshot = edition.snapshot
    if not snapshot or mode_of(snapshot) == "direct":
        return None
    found: dict[int, tuple[int, int]] = {}
    opens, machines = Read("opens", 0, 0), Counter[str]()
    for (kind, item, machine), n in _presses(edition).items():
        human = 0 if machine else n
        machines.update({machine: n} if machine else {})
        if kind == "open":
            opens = Read("opens", opens.human + human, opens.raw + n)
        elif item != CANARY:
            before = found.get(item, (0, 0))
            found[item] = (before[0] + human, before[1] + n)
    placed = list(_placed(snapshot))
    return Reading(
        mode=mode_of(snapshot),
        clicks=Read("clicks", sum(human for human, _ in found.values()), sum(raw for _, raw in found.values())),
        opens=opens if opens.raw else None,
        stories=_sums(found, ((item["id"], [item["title"]]) for item, *_ in placed))[:BEST],
        sections=_sums(found, ((item["id"], [section]) for item, section, _ in placed)),
        positions=_by_place(_sums(found, ((item["id"], [f"{at}."]) for item, _, at in placed))),
        authors=_sums(
            found, ((item["id"], [each["name"] for each in item.get("byline") or []]) for item, *_ in placed)
        ),
        topics=_sums(found, ((item["id"], item.get("topics") or []) for item, *_ in placed)),
        machines=dict(machines),
    )


def _presses(edition: Edition) -> Counter[tuple[str, int, str]]:
    """How often each thing was pressed by people ("") and by each kind of machine, also what is only a total by now."""
    found = Counter[tuple[str, int, str]]()
    live = Click.objects.filter(edition=edition).values_list("kind", "item", "machine").annotate(n=Count("pk"))
    past = ClickTotal.objects.filter(edition=edition).values_list("kind", "item", "machine", "count")
    for kind, item, machine, n in [*live, *past]:
        found[kind, item, machine] += n
    return found


def _by_place(found: Iterable[Read]) -> tuple[Read, ...]:
    """From the top of the mail."""
    return tuple(sorted(found, key=lambda read: float(read.name)))


def _placed(snapshot: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, int]]:
    """Each entry with its section's name and its place in the whole mail, from 1."""
    at = 0
    for section in snapshot["sections"]:
        for item in section["items"]:
            at += 1
            yield item, section["name"], at


def _sums(found: Mapping[int, tuple[int, int]], named: Iterable[tuple[int, Iterable[str]]]) -> tuple[Read, ...]:
    human: Counter[str] = Counter()
    raw: Counter[str] = Counter()
    for item, names in named:
        for name in filter(None, names):
            human[name] += found.get(item, (0, 0))[0]
            raw[name] += found.get(item, (0, 0))[1]
    order = sorted(raw, key=lambda name: (-human[name], -raw[name], name))
    return tuple(Read(name, human[name], raw[name]) for name in order if raw[name])
