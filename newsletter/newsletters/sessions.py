"""The desk's sessions: Django's own store in a table that knows whose they are. Named by SESSION_ENGINE."""

from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.dateparse import parse_datetime

from newsletter.newsletters.models import DeskSession, Staff

AGENT, SINCE = "agent", "since"
"""What a session knows of its browser besides whose it is."""


class SessionStore(DatabaseStore):
    """As Django documents it: topics/http/sessions, "Extending database-backed session engines"."""

    @classmethod
    def get_model_class(cls) -> type[DeskSession]:
        return DeskSession

    def create_model_instance(self, data: dict[str, Any]) -> DeskSession:
        row = cast("DeskSession", super().create_model_instance(data))
        row.staff_id = int(data["_auth_user_id"]) if "_auth_user_id" in data else None
        row.agent, row.since = data.get(AGENT, ""), parse_datetime(data.get(SINCE, ""))
        return row


def end(person: Staff, *, besides: str | None = None, only: str | None = None) -> int:
    """Sign a person out of every browser, or of all `besides` one, or `only` of one; how many there were."""
    found = person.sessions.exclude(session_key=besides)
    return (found.filter(session_key=only) if only else found).delete()[0]
