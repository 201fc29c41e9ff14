"""What editors write beside the articles: which fields each kind has, and how each is read from a form or a flag."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.config_sources import nearest
from newsletter.editions.models import Item
from newsletter.errors import UsageError
from newsletter.mail.content import plain, web_address
from newsletter.newsletters import setup

LINE = 200  # characters of a field
BUTTONS = {Item.Type.EVENT: "Register", Item.Type.PROMOTION: "Read more"}
FIELDS = {
    Item.Type.NOTE: (),
    Item.Type.EVENT: ("starts", "ends", "zone", "place", "url", "button"),
    Item.Type.OUTSIDE: ("outlet", "author", "date", "url"),
    Item.Type.PROMOTION: ("label", "sponsor", "url", "button"),
}
NAMES = {
    "url": "address",
    "zone": "time zone",
    "starts": "start",
    "ends": "end",
}  # for people, where it is another than the flag's
NEEDED = {
    Item.Type.EVENT: ("starts",),
    Item.Type.OUTSIDE: ("outlet", "url"),
    Item.Type.PROMOTION: ("sponsor",),
}


def fields_of(kind: str) -> tuple[str, ...]:
    """The names of a kind's details; none of a story's."""
    return FIELDS[Item.Type(kind)] if kind in FIELDS else ()


def read(kind: str, values: Mapping[str, str], *, before: Mapping[str, str], zone: str) -> dict[str, str]:
    """An entry's details: `values` over those it had `before`; an empty text takes a field away.

    `zone` is the newsletter's, in which times are told unless the entry names another. Raises UsageError for a field
    that this kind does not have, cannot be read or misses.
    """
    fields = FIELDS[Item.Type(kind)]
    for name in values:
        if name not in fields:
            raise UsageError(f"{_a(kind)} has no {name}.{nearest(name, list(fields))}", hint=_hint(kind))
    merged = {name: text for name in fields if (text := values.get(name, before.get(name, "")).strip())}
    if kind == Item.Type.EVENT:
        merged["zone"] = setup.zone(merged.get("zone", zone))
    made = {name: _READERS[name](text, merged) for name, text in merged.items()}
    return _complete(Item.Type(kind), made)


def _complete(kind: Item.Type, made: dict[str, str]) -> dict[str, str]:
    missing = [name for name in NEEDED.get(kind, ()) if name not in made]
    if missing:
        said = " and ".join(f"its {NAMES.get(name, name)}" for name in missing)
        raise UsageError(f"{_a(kind)} needs {said}.", hint=_hint(kind))
    if kind == Item.Type.EVENT and not made.keys() & {"place", "url"}:
        raise UsageError("An event needs a place or an address, so that readers can come.", hint="--place, or --url")
    if "ends" in made and datetime.fromisoformat(made["ends"]) <= datetime.fromisoformat(made["starts"]):
        raise UsageError("The event ends before it starts.")
    if kind == Item.Type.PROMOTION:
        made.setdefault("label", "Sponsored")
    if kind in BUTTONS and "url" in made:
        made.setdefault("button", BUTTONS[kind])
    return made


def headline(text: str) -> str:
    """An entry's title on one line. Raises UsageError for an empty one."""
    if not plain(text):
        raise UsageError("It needs a title.", hint="--title TEXT")
    return plain(text)[:500]


def image(url: str, alt: str, credit: str) -> dict[str, Any]:
    """A picture that an editor chose, as articles have theirs; its size is not known. Raises UsageError."""
    return {"url": _web(url), "width": None, "height": None, "alt": plain(alt)[:LINE], "credit": plain(credit)[:LINE]}


def _a(kind: str) -> str:
    return {"event": "An event", "outside": "An outside piece", "promotion": "A promotion"}.get(kind, f"A {kind}")


def _hint(kind: str) -> str:
    return "It has: " + ", ".join(f"--{name}" for name in ("title", "dek", *FIELDS[Item.Type(kind)]))


def _line(text: str, _all: Mapping[str, str] | None = None) -> str:
    return plain(text)[:LINE]


def _web(text: str, _all: Mapping[str, str] | None = None) -> str:
    if not web_address(text):
        raise UsageError(f"{text!r} is no web address; it must start with https:// or http://.")
    return text.strip()


def _day(text: str, _all: Mapping[str, str]) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{text!r} is no date; write it as 2026-11-26.") from error


def _moment(text: str, every: Mapping[str, str]) -> str:
    """The moment in the event's zone, as ISO 8601 with its offset; a time that a spring night skips is refused."""
    zone = ZoneInfo(every["zone"])
    moment = setup.moment(text, every["zone"]).astimezone(zone)
    written = datetime.fromisoformat(text)
    if written.tzinfo is None and moment.replace(tzinfo=None) != written:
        raise UsageError(f"{text} does not exist in {every['zone']}: the clocks go forward over it.")
    return moment.astimezone(UTC).astimezone(zone).isoformat()


_READERS: dict[str, Callable[[str, Mapping[str, str]], str]] = {
    "starts": _moment, "ends": _moment, "zone": _line, "place": _line, "url": _web, "button": _line, "outlet": _line,
    "author": _line, "date": _day, "label": _line, "sponsor": _line,
}  # fmt: skip
