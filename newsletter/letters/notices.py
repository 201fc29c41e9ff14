"""Telling staff what happened in the newsroom's week."""

from typing import Any

from django.db import transaction

from newsletter import config
from newsletter.letters import kinds, writing
from newsletter.newsletters.models import RIGHTS, Newsletter, Right, Staff


@transaction.atomic
def tell(newsletter: Newsletter, kind: str, dedupe: str, **facts: Any) -> int:
    """Write one letter to every active staff member who may act on it, and one call of the webhook if there is one.

    Returns how many were written: 0 when this `dedupe` (such as "edition-12") was told before. `facts` are the fields
    of the kind in kinds.KINDS. Raises KeyError or TypeError for a wrong kind or wrong facts: a bug.
    """
    told = [
        writing.write(kind, to, f"{dedupe}:{name}", newsletter=newsletter, **facts) for name, to in _listeners(kind)
    ]
    return sum(told)


def may_act(right: Right) -> list[Staff]:
    """Active staff whose role includes the right."""
    roles = [role for role, rights in RIGHTS.items() if right in rights]
    return list(Staff.objects.filter(is_active=True, role__in=roles).order_by("pk"))


def _listeners(kind: str) -> list[tuple[str, Staff | str]]:
    """Whom to tell, each with a name for the dedupe key. A kind's `wish` is the column by which people stop it."""
    about = kinds.KINDS[kind]
    wish: str = getattr(about, "wish", "")
    wanted = [person for person in may_act(about.right) if not wish or getattr(person, wish)]
    people: list[tuple[str, Staff | str]] = [(f"staff-{person.pk}", person) for person in wanted]
    return [*people, *([("webhook", writing.WEBHOOK)] if config.current().webhook_url else [])]
