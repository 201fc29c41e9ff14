"""What preflight has to say about an edition. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Level = Literal["block", "warn"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or that somebody should look at.

    `code` is stable ("no-credit"). `item` is the id of the entry it is about; without one `part` says where: subject,
    preheader, note, mail, text, pictures, newsletter or site. `about` is the address in question, if it is one of
    several there. `copies` names the copies that have it, if not all do. What blocks must be mended before approval; a
    warning may be waived, and `waived` is the reason.
    """

    code: str
    level: Level
    words: str
    item: int | None = None
    part: str = ""
    about: str = ""
    copies: tuple[str, ...] = ()
    waived: str = ""

    @property
    def told(self) -> str:
        """What it says, and of which copies."""
        return f"{self.words} Only in the copy for: {'; '.join(self.copies)}." if self.copies else self.words

    @property
    def blocks(self) -> bool:
        return self.level == "block"

    @property
    def waivable(self) -> bool:
        return self.level == "warn"

    @property
    def is_open(self) -> bool:
        """Somebody still has to look at it."""
        return not self.waived

    @property
    def key(self) -> str:
        """By what it is waived, such as "no-credit:12"; the same at every look while it is about the same thing."""
        place = str(self.item) if self.item else self.part
        about = hashlib.sha256(self.about.encode(errors="replace")).hexdigest()[:8] if self.about else ""
        return ":".join(filter(None, [self.code, place, about]))


def block(code: str, words: str, **where: Any) -> Finding:
    """It must not be sent like this. `where`: item, part, about."""
    return Finding(code, "block", words, **where)


def warn(code: str, words: str, **where: Any) -> Finding:
    """Somebody should look at it, and may wave it through."""
    return Finding(code, "warn", words, **where)


@dataclass(frozen=True)
class Variant:
    """One copy of the edition: the topics it is for ("" is the full edition), its readers, bytes of HTML, stories."""

    topic_set: str
    topics: tuple[str, ...]
    readers: int
    size: int
    stories: int
    headline: str

    @property
    def name(self) -> str:
        return name_of(self.topic_set, self.topics)


def name_of(topic_set: str, topics: Sequence[str]) -> str:
    """What people call the copy for these topics."""
    return ", ".join(topics) or "everybody else" if topic_set else "full edition"


@dataclass(frozen=True)
class Report:
    """A whole look at an edition: the blocking findings first. `asked`: every link had been asked."""

    findings: tuple[Finding, ...] = ()
    variants: tuple[Variant, ...] = field(default=())
    asked: bool = True

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.blocks)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Those that nobody waived."""
        return tuple(each for each in self.findings if each.waivable and each.is_open)

    @property
    def waived(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.waived)

    def as_json(self) -> dict[str, Any]:
        """With stable keys."""
        found = [{**asdict(each), "key": each.key, "waivable": each.waivable} for each in self.findings]
        variants = [{**asdict(each), "topics": list(each.topics)} for each in self.variants]
        return {"blocked": bool(self.blocking), "asked": self.asked, "findings": found, "variants": variants}


def report(
    found: Iterable[Finding], waivers: Mapping[str, str], variants: Sequence[Variant] = (), *, asked: bool = True
) -> Report:
    """Each finding once, however many copies have it; a waiver counts for warnings only, and what blocks wins."""
    once: dict[str, Finding] = {}
    copies: dict[str, list[str]] = {}
    for each in found:
        had = copies.setdefault(each.key, [])
        had += [name for name in each.copies if name not in had]
        if each.key not in once or (each.blocks and once[each.key].waivable):
            once[each.key] = each
    some = {key: tuple(names) if len(names) < len(variants) else () for key, names in copies.items()}
    told = [
        replace(each, copies=some[key], waived=waivers.get(key, "") if each.waivable else "")
        for key, each in once.items()
    ]
    return Report(tuple(sorted(told, key=lambda each: each.waivable)), tuple(variants), asked)
