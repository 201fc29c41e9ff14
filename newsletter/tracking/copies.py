"""A copy as those who apply events see it."""

from dataclasses import dataclass

from newsletter.editions.models import Edition


@dataclass(frozen=True)
class Copy:
    """One delivery; its edition holds no more than public id, newsletter and the number of readers."""

    pk: int
    status: str
    reason: str
    batch_id: int | None
    edition: Edition
    subscriber_id: int
    address_key: str
