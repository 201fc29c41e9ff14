"""Every kind of letter by its name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from newsletter.letters import (
    alert_kinds,
    edition_kinds,
    reader_kinds,
    rehearsal,
    report_kinds,
    staff_kinds,
    week_kinds,
)
from newsletter.letters.words import Publication, Words


class Kind(Protocol):
    """The facts of one letter, and the words made of them."""

    def words(self, about: Publication) -> Words: ...


KINDS: dict[str, type[Any]] = {
    "draft-ready": edition_kinds.DraftReady,
    "edition-held": edition_kinds.EditionHeld,
    "approval-missing": edition_kinds.ApprovalMissing,
    "edition-sent": edition_kinds.EditionSent,
    "edition-report": report_kinds.EditionReport,
    "edition-paused": edition_kinds.EditionPaused,
    "last-look": edition_kinds.LastLook,
    "late-start": edition_kinds.LateStart,
    "thin-week": week_kinds.ThinWeek,
    "week-skipped": week_kinds.WeekSkipped,
    "stories-dropped": week_kinds.StoriesDropped,
    "alerts": alert_kinds.Alerts,
}

READERS: dict[str, type[Any]] = {
    "confirmation": reader_kinds.Confirmation,
    "already": reader_kinds.Already,
    "welcome": reader_kinds.Welcome,
    "goodbye": reader_kinds.Goodbye,
    "fresh-link": reader_kinds.FreshLink,
    "address-change": reader_kinds.AddressChange,
}
"""Those that are not for staff: written in the newsletter's language."""

LOGINS: dict[str, type[Any]] = {
    "invitation": staff_kinds.Invitation,
    "login-link": staff_kinds.LoginLink,
}
"""Those that let staff in: they end with a link, not with a command."""
KINDS |= READERS | LOGINS | {rehearsal.KIND: rehearsal.Rehearsal}


def made(kind: str, facts: Mapping[str, Any]) -> Kind:
    """The letter's facts, checked: KeyError for an unknown kind, TypeError for missing or unknown facts.

    Facts may come from the row's JSON, where moments are text: what ends in `_at` becomes one again.
    """
    letter: Kind = KINDS[kind](
        **{name: _moment(value) if name.endswith("_at") else value for name, value in facts.items()}
    )
    return letter


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
