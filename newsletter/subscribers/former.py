"""The addresses that readers moved away from: an old list that names one means the same person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from newsletter.subscribers.models import FormerAddress, Subscriber


@dataclass(frozen=True)
class Held:
    """An address that a person has or had. `until` is None for the one they have; `free`: no other reader has it."""

    address_key: str
    address: str
    until: datetime | None = None
    free: bool = True


def moved(person: Subscriber, address_key: str, now: datetime) -> None:
    """Keep the address that a person leaves behind; the one that they go to is theirs again."""
    values = {"address": person.email or "", "until": now}
    FormerAddress.objects.update_or_create(subscriber=person, address_key=person.address_key, defaults=values)
    FormerAddress.objects.filter(subscriber=person, address_key=address_key).delete()


def owners(address_keys: Collection[str]) -> dict[str, int]:
    """Of these addresses, which no reader may have now, the persons who moved away from them; the last, of several."""
    left = FormerAddress.objects.all()
    if not left.exists():  # as mostly: an import asks about 5,000 at a time
        return {}
    found = left.filter(address_key__in=address_keys).order_by("until")
    return dict(found.values_list("address_key", "subscriber_id"))


def all_of(person: Subscriber) -> list[Held]:
    """Every address of a person, the one that they have now first."""
    left = list(FormerAddress.objects.filter(subscriber=person).order_by("id"))
    keys = [each.address_key for each in left]
    taken = set(Subscriber.objects.filter(address_key__in=keys).values_list("address_key", flat=True))
    return [
        Held(person.address_key, person.email or ""),
        *(Held(each.address_key, each.address, each.until, each.address_key not in taken) for each in left),
    ]
