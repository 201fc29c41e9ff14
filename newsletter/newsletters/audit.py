"""Writing down who did what."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from newsletter import clock
from newsletter.errors import Refused, UsageError
from newsletter.newsletters.models import AuditEntry, Right, Staff


def record(staff: Staff | None, verb: str, subject: str, **detail: Any) -> AuditEntry:
    """Append one entry. `staff` None is the system itself; `detail` holds ids and states, never an address."""
    return AuditEntry.objects.create(staff=staff, verb=verb, subject=subject, detail=detail)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What is another now: [before, after] by its name, durations in words."""
    return {name: [_told(before.get(name)), _told(value)] for name, value in after.items() if before.get(name) != value}


def _told(value: Any) -> Any:
    return clock.duration(value.total_seconds()) if isinstance(value, timedelta) else value


def acting(email: str | None, right: Right) -> Staff | None:
    """The person behind `--as EMAIL`, or None for the system. Raises UsageError or Refused."""
    if email is None:
        return None
    staff = Staff.objects.filter(email__iexact=email).first()
    if staff is None:
        raise UsageError(f"There is no staff member {email}.", hint="newsletter staff list shows them.")
    require(staff, right)
    return staff


def require(staff: Staff, right: Right) -> None:
    """Raise Refused unless this person's role includes the right."""
    if not staff.may(right):
        raise Refused(f"{staff} is {staff.role} and may not {right.value}.", hint="An admin can change the role.")
