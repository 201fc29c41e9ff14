"""The forms of a newsletter's page: which columns each has, and how what somebody wrote is read, fault by fault."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.http import HttpRequest

from newsletter.desk import fields
from newsletter.editions import branding
from newsletter.errors import UsageError
from newsletter.newsletters import sections, setup
from newsletter.newsletters.models import Newsletter

Reader = Callable[[str], Any]
Columns = Mapping[str, Reader]


def _text(text: str) -> str:
    return text


def _cap(text: str) -> int | None:
    return setup.cap(text or "none")


def _one(choices: Any) -> Reader:
    return setup.one_of(choices.values)


def _brand(column: str, divided_by: str = "") -> Reader:
    """As branding reads it; several lines are one text with `divided_by` between them."""

    def read(text: str) -> Any:
        joined = divided_by.join(line.strip() for line in text.splitlines() if line.strip()) if divided_by else text
        return branding.read(column, joined)

    return read


_TEXTS = ("name", "tagline", "sender_name", "sender_email", "reply_to", "postal_address", "home_url", "privacy_url")
FORMS: dict[str, Columns] = {
    "sender": dict.fromkeys(_TEXTS, _text),
    "brand": {
        "mission": _text,
        "footer": _brand("footer", "|"),
        "social": _brand("social", ";"),
        **{name: _brand(name) for name in ("theme", "accent", "logo_url", "logo_size", "headline_font", "text_font")},
    },
    "schedule": {"weekday": setup.weekday, "send_time": setup.clock, "zone": setup.zone, "cutoff": setup.hours},
    "policy": {
        "max_lateness": setup.hours,
        "min_items": setup.stories,
        "thin_week": _one(Newsletter.ThinWeek),
        "review": _one(Newsletter.Review),
        "last_look": _one(Newsletter.LastLook),
        "subject_template": _text,
        "preheader_template": _text,
    },
    "readers": {
        "archive": _one(Newsletter.Archive),
        "topic_copies": _one(Newsletter.TopicCopies),
        "links": _one(Newsletter.Links),
    },
    "safety": {
        "canary_share": setup.share,
        "canary_watch": setup.minutes,
        "audience_cap": _cap,
        "audience_growth": setup.growth,
        "on_unknown": _one(Newsletter.OnUnknown),
        "unknown_after": setup.hours,
    },
    "sections": {},
    "skipped": {},
}
FLAGS = {"policy": ("second_person",), "readers": ("welcome", "goodbye")}


class Faulty(UsageError):
    """Fields that cannot be read; `faults` says why, by column."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


def read(form: str, request: HttpRequest, newsletter: Newsletter) -> tuple[dict[str, Any], list[sections.Frame]]:
    """The values of a form's columns, and its sections where it has them. Raises Faulty; UsageError for no form."""
    if form not in FORMS:
        raise UsageError("There is no such form.")
    values: dict[str, Any] = {name: fields.ticked(request, name) for name in FLAGS.get(form, ())}
    faults: dict[str, str] = {}
    for name, reader in FORMS[form].items():
        values[name] = _tried(faults, name, partial(reader, _posted(request, name)))
    frames = []
    if form == "sections":
        frames = _tried(faults, "sections", partial(_frames, _posted(request, "sections")))
    if form == "skipped":
        values["skip_dates"] = _tried(faults, "skip", partial(_skipped, request, newsletter))
    if faults:
        raise Faulty(faults)
    return values, frames


def of_columns(error: UsageError, form: str) -> dict[str, str]:
    """A refusal of the whole newsletter ("sender email: Enter …") by the columns of a form that it is about."""
    found = {}
    for part in str(error).split("; "):
        name, _, said = part.partition(": ")
        if (column := name.replace(" ", "_")) in FORMS[form] and said:
            found[column] = said
    return found


def _tried(faults: dict[str, str], name: str, read_it: Callable[[], Any]) -> Any:
    """What it reads; else None, and why among the faults."""
    try:
        return read_it()
    except UsageError as error:
        faults[name] = " ".join(filter(None, [str(error), error.hint if " " in error.hint else ""]))
        return None


def _posted(request: HttpRequest, name: str) -> str:
    return fields.text(request, name).replace("\r\n", "\n").strip()


def _frames(text: str) -> list[sections.Frame]:
    found = [sections.read(line) for line in text.splitlines() if line.strip()]
    if not found:
        raise UsageError("A newsletter needs a section.")
    return found


def _skipped(request: HttpRequest, newsletter: Newsletter) -> list[str]:
    """One date more, or one fewer, as the button that was pressed says."""
    fewer = [_posted(request, "back")] if "back" in request.POST else []
    return setup.skip_dates(newsletter, [] if fewer else [_posted(request, "skip")], fewer)
