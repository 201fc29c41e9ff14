"""Dates as pages write them → aware UTC. Pure."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 80
_WRITTEN = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%b. %d, %Y")


def moment(text: object) -> datetime | None:
    """ISO 8601, RFC 5322 or "November 20, 2026"; without a zone it is UTC. None for anything else."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    text = " ".join(text.split())
    for read in (datetime.fromisoformat, parsedate_to_datetime, _written):
        try:
            when = read(text)
            return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _written(text: str) -> datetime:
    for form in _WRITTEN:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(text)
