"""Bylines as people write them → persons with roles. Pure."""

import re
from collections.abc import Iterable

from newsletter.feeds.sanitise import plain
from newsletter.feeds.values import NAME_LIMIT, Person

MOST = 12
# Longer than initials and an agency's name.
_SHOUT = 6
_BY = re.compile(
    r"^(?:(?:written|words|story|text|report(?:ing)?|analysis|opinion|photographs?|photos?)\s+)?by:?\s+", re.IGNORECASE
)
_BETWEEN = re.compile(r"\s*(?:;|,\s*and\s|,\s*&|\s&\s|\sand\s|,|\s[|•·]\s|\swith\s)\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?D|Esq|J\.?D|M\.?P|CBE|OBE|MBE|KC|QC|RN)\.?", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:editor|writer|reporter|correspondent|columnist|fellow|professor|director|contributor|analyst|producer|intern"
    r"|researcher|staff|president|lecturer|critic|photographer|historian|ambassador|senator|author|scholar|host)s?\b",
    re.IGNORECASE,
)
# Where somebody has a role; after one, such a part goes on with it: "Senior Fellow, Institute of Peace".
_HOUSE = re.compile(
    r"\b(?:institute|university|cent(?:er|re)|council|school|college|foundation|academy|ministry|department|programme?"
    r"|project|initiative|association|society)\b",
    re.IGNORECASE,
)
# "Doe, Jane; Smith, John", as libraries write names.
_INVERTED = re.compile(r"(?P<last>[A-Za-zÀ-ž'’-]+), (?P<first>[A-ZÀ-Ž][A-Za-zÀ-ž'’.-]*(?: [A-ZÀ-Ž][A-Za-zÀ-ž'’.-]*)?)")
# "Jane Doe is a fellow at the institute": a whole sentence about the author.
_ABOUT = re.compile(r"^(?P<name>.{3,60}?) (?:is|was) (?:an?|the) (?P<role>.+)$")
# Accounts of a CMS and organisations, which no comma splits.
_NOBODY = frozenset(
    ("admin", "administrator", "wordpress", "unknown", "anonymous", "author", "null", "none", "n/a", "undefined")
)
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+(?:\s*\((?P<name>[^)]+)\))?$")


def split(text: str) -> tuple[Person, ...]:
    """The persons in "By Jane Doe, research fellow, and John Smith Jr."."""
    text = _BY.sub("", plain(text, 600))
    in_brackets = _ADDRESS.match(text)
    if in_brackets:
        text = in_brackets["name"] or ""
    about = _ABOUT.match(text)
    if about and _is_role(about["role"]):
        return (Person(about["name"], _trimmed(about["role"])[:NAME_LIMIT]),)
    people: list[Person] = []
    for part in _BETWEEN.split(_turned(text)):
        _add(people, _BY.sub("", _trimmed(part)))
    return tuple(people)


def gather(texts: Iterable[str]) -> tuple[Person, ...]:
    """Several bylines as one, everybody once, in order."""
    found: dict[str, Person] = {}
    for text in texts:
        for person in split(text):
            known = found.get(person.name.casefold())
            if known is None or (person.role and not known.role):
                found[person.name.casefold()] = person
    return tuple(found.values())[:MOST]


def _turned(text: str) -> str:
    """Names with the family's first, the other way round; where one part of the text is none, all stays."""
    inverted = [_INVERTED.fullmatch(part) for part in re.split(r"\s*;\s*", text)]
    turned = [f"{each['first']} {each['last']}" for each in inverted if each and not _is_role(each["first"])]
    if len(turned) < len(inverted) or any(_SUFFIX.fullmatch(each["first"]) for each in inverted if each):
        return text
    return "; ".join(turned)


def _add(people: list[Person], part: str) -> None:
    if people and _SUFFIX.fullmatch(part):
        last = people[-1]
        people[-1] = Person(f"{last.name}, {part}" if not part.startswith("I") else f"{last.name} {part}", last.role)
    elif people and (_is_role(part) or (people[-1].role and _HOUSE.search(part))):
        last = people[-1]
        people[-1] = Person(last.name, f"{last.role}, {part}".strip(", ")[:NAME_LIMIT])
    elif _is_name(part):
        people.append(Person(_in_mixed_case(part)[:NAME_LIMIT]))


def _trimmed(part: str) -> str:
    part = part.strip(" ,;:–—-")
    # The full stop of a sentence goes, that of "Jr." and of an initial stays.
    ends_in_a_word = part.endswith(".") and len(part.split()[-1]) > len("Ph.D.")
    return part.rstrip(".") if ends_in_a_word else part


def _in_mixed_case(name: str) -> str:
    """Agencies shout: "DAVID PORTER" becomes "David Porter"; "AFP" stays."""
    return name.title() if name.isupper() and " " in name and len(name) > _SHOUT else name


def _is_role(part: str) -> bool:
    return bool(part) and (part[0].islower() or _ROLE.search(part) is not None) and part.lower() not in _NOBODY


def _is_name(part: str) -> bool:
    if not any(char.isalpha() for char in part) or part.lower() in _NOBODY:
        return False
    return "://" not in part and not part.startswith("www.") and not _ADDRESS.match(part)
