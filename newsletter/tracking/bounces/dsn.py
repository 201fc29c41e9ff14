"""Delivery status notifications (RFC 3464): what a server says of each recipient, field by field."""

import re
from dataclasses import dataclass

from newsletter.tracking import codes
from newsletter.tracking.bounces.classify import Said, code_in, status_in

ADDRESS = re.compile(r"[^\s<>;,\"'()\[\]:]{1,64}@[^\s<>;,\"'()\[\]:@]{1,255}")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40})\s{0,3}:\s{0,20}(.*)")
_TYPE = re.compile(r"^\s*[\w-]{1,20}\s*;\s*")
_STATUS = re.compile(r"([245])\s?\.\s?(\d{1,3})\s?\.\s?(\d{1,3})")
_MOST_GROUPS = 200
_MOST_FIELD = 2000
_RECIPIENTS = ("final-recipient", "original-recipient")
# Actions that RFC 3464 §2.3.3 knows, and what some servers make of them.
_FAILED = ("fail", "error", "bounce", "reject")
_HARMLESS = ("delay", "deliver", "relay", "expand", "transfer", "warn")


@dataclass(frozen=True)
class Failure:
    """One recipient that did not get the mail."""

    address: str | None
    said: Said


def failures(report: str) -> list[Failure] | None:
    """Who did not get it; [] when the report tells of delays and deliveries only; None when it tells of nobody."""
    groups = [group for group in _groups(report) if "final-recipient" in group or "original-recipient" in group]
    if not groups:
        groups = [group for group in _groups(report) if "action" in group or "status" in group]
    if not groups:
        return None
    return [_failure(group) for group in groups if _has_failed(group)]


def _groups(report: str) -> list[dict[str, str]]:
    """The fields of each recipient. An empty line parts them, but some servers put one within a recipient's fields."""
    groups: list[dict[str, str]] = [{}]
    last, parted = "", False
    for line in report.splitlines():
        field = _FIELD.match(line)
        if not line.strip():
            last, parted = "", True
        elif field and line[0] not in " \t":
            last = field[1].lower()
            if _begins(last, groups[-1], parted) and len(groups) < _MOST_GROUPS:
                groups.append({})
            parted = False
            groups[-1].setdefault(last, field[2].strip())
        elif last and len(groups[-1][last]) < _MOST_FIELD:  # a folded line, or one that lost its indent
            groups[-1][last] += f" {line.strip()}"
    return groups


def _begins(name: str, group: dict[str, str], parted: bool) -> bool:
    """Whether a field is the first of another recipient's."""
    if name in _RECIPIENTS and name in group:
        return True
    if not parted:
        return False
    return (
        name in _RECIPIENTS
        or "reporting-mta" in group
        or not any(each in group for each in _RECIPIENTS)
        or name in group
    )


def _has_failed(group: dict[str, str]) -> bool:
    action = group.get("action", "").lower()
    if any(word in action for word in _HARMLESS):
        return False
    if any(word in action for word in _FAILED):
        return True
    return status_field(group.get("status", "")).startswith("5")


def _failure(group: dict[str, str]) -> Failure:
    words = _TYPE.sub("", group.get("diagnostic-code", "")) or group.get("status", "")
    status = status_field(group.get("status", ""))
    if codes.is_generic(status):
        status = status_in(words) or status
    return Failure(_recipient(group), Said(words, status, code_in(words)))


def status_field(value: str) -> str:
    """ "5.1.1 (bad address)" → "5.1.1"; "" for what is no status."""
    match = _STATUS.search(value)
    return ".".join(match.groups()) if match else ""


def _recipient(group: dict[str, str]) -> str | None:
    """The address that the mail was sent to; where that is not said, the one at which it failed."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        found = ADDRESS.search(_TYPE.sub("", group.get(name, "")))
        if found:
            return found.group()
    return None
