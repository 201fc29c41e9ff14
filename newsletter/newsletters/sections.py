"""Sections as staff write them: "Africa: topic=Africa; cap=4". Reading is pure, `replace_all` stores."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify

from newsletter.config_sources import nearest
from newsletter.errors import UsageError
from newsletter.newsletters.models import Newsletter, Section

LISTS = {"kind": "kinds", "topic": "topics", "feed": "feeds"}
FLAGS = {"not-elsewhere": "not_elsewhere", "by-hand": "by_hand", "list": "list"}
WORDS = [*LISTS, *FLAGS, "cap", "lead"]
BEHIND = 999  # where a section stands that only old editions use
LARGEST_CAP = 99
NAME_LENGTH = 80
SLUG_LENGTH = 50


@dataclass(frozen=True)
class Frame:
    """One section of a newsletter: `rules` as Section.rules has them."""

    name: str
    cap: int = 6
    is_lead: bool = False
    rules: dict[str, Any] = field(default_factory=dict)


DEFAULT = (Frame("Lead", cap=1, is_lead=True), Frame("This week", cap=12))


def read(text: str) -> Frame:
    """A section from its one-line form: name, colon, kind=, topic=, feed= (may repeat), cap=, lead or a flag.

    Raises UsageError naming the word that cannot be read.
    """
    name, _, wishes = text.partition(":")
    frame = Frame(name.strip())
    if not frame.name or len(frame.name) > NAME_LENGTH or not frame.name.isprintable():
        raise UsageError(
            f"A section needs a name of 1 to {NAME_LENGTH} characters: {text!r}.",
            hint='--section "Africa: topic=Africa; cap=4"',
        )
    cap, lead, rules = frame.cap, False, dict[str, Any]()
    for wish in filter(None, (part.strip() for part in wishes.split(";"))):
        word, _, value = (part.strip() for part in wish.partition("="))
        if word == "lead":
            lead = True
        elif word in FLAGS and not value:
            rules[FLAGS[word]] = True
        elif word == "cap" and _number(value) in range(1, LARGEST_CAP + 1):
            cap = _number(value)
        elif word in LISTS and value and (word != "feed" or _number(value)):
            rules.setdefault(LISTS[word], []).append(int(value) if word == "feed" else value)
        else:
            raise UsageError(f"Section {frame.name}: cannot read {wish!r}.{nearest(word, WORDS)}")
    return Frame(frame.name, 1 if lead else cap, lead, rules)


def _number(text: str) -> int:
    """0 for what is no number, or none that a column holds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 # digits


def slug(name: str) -> str:
    """What stands for a name in commands and JSON: its ASCII words, or eight digits of its hash where it has none."""
    return slugify(name)[:SLUG_LENGTH].strip("-") or hashlib.sha256(name.encode()).hexdigest()[:8]


@transaction.atomic
def replace_all(newsletter: Newsletter, frames: Sequence[Frame]) -> None:
    """Make these the newsletter's sections, in this order. One that an edition uses keeps its row, behind the others.

    Raises UsageError for two leads or two equal names.
    """
    slugs = [slug(frame.name) for frame in frames]
    if len(set(slugs)) != len(slugs) or sum(frame.is_lead for frame in frames) > 1:
        raise UsageError("Each section needs its own name, and only one may be the lead.")
    for section in newsletter.sections.exclude(slug__in=slugs):
        _remove(section)
    newsletter.sections.update(is_lead=False)
    for position, frame in enumerate(frames):
        values = {"name": frame.name, "cap": frame.cap, "is_lead": frame.is_lead, "rules": frame.rules}
        Section.objects.update_or_create(
            newsletter=newsletter, slug=slugs[position], defaults={**values, "position": position}
        )


def _remove(section: Section) -> None:
    try:
        with transaction.atomic():
            section.delete()
    except ProtectedError:  # an edition has items in it
        Section.objects.filter(pk=section.pk).update(cap=0, is_lead=False, position=BEHIND)


def written(section: Section) -> str:
    """The one-line form of a section, as `read` takes it."""
    parts = ["lead"] if section.is_lead else [f"cap={section.cap}"]
    for word, key in LISTS.items():
        parts += [f"{word}={value}" for value in section.rules.get(key, [])]
    parts += [word for word, key in FLAGS.items() if section.rules.get(key)]
    return f"{section.name}: {'; '.join(parts)}"
