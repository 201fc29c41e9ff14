"""SendGrid: one request per batch, one answer per reader.

A request is taken or refused as a whole (its OpenAPI file, tsg_mail_v3), and there is no idempotency key: what may be
offered again follows from the answer alone. A 400 takes nobody, so the readers it does not blame are offered again at
once; everything that is not surely refused is unknown and never offered again from here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from newsletter import clock
from newsletter.transports import sendgrid_payload as payload
from newsletter.transports.base import Accepted, Mailing, Outcome, Reader, Rejected, Unknown
from newsletter.transports.sendgrid_answers import UNREACHABLE, blamed_readers, errors_in, full_until, later, refusal_in
from newsletter.transports.sendgrid_client import Answer, Lost, NotSent, SendGridClient
from newsletter.transports.wire import UnmailableError, sender_fault, words


@dataclass(frozen=True)
class Offer:
    """A reader and their part of the request."""

    reader: Reader
    part: Mapping[str, Any]


Group = Sequence[Offer]


class SendGridTransport:
    """Hands batches of at most 1,000 readers to SendGrid."""

    name = "sendgrid"

    def __init__(self, client: SendGridClient, *, batch_size: int = 500, deadline: float = 120.0) -> None:
        self.batch_size = min(batch_size, payload.MAX_READERS)
        self._client = client
        self._deadline = deadline

    def hand_over(self, mailing: Mailing, readers: Sequence[Reader]) -> list[Outcome]:
        """Offer the batch in one request; in more only where SendGrid refused all and blamed a few, or its size."""
        run = _HandOver(self._client, mailing, until=clock.ticking() + self._deadline)
        fault = sender_fault(mailing.sender[1]) or (mailing.reply_to and sender_fault(mailing.reply_to))
        run.halted = replace(later(fault), stop=True) if fault else None
        offers = _offers(mailing, readers, run.outcomes)
        run.offer_all(offers)
        return [run.outcomes[reader.delivery_id] for reader in readers]

    def close(self) -> None:
        """Nothing is kept: each request is a connection of its own."""


def _offers(mailing: Mailing, readers: Sequence[Reader], outcomes: dict[int, Outcome]) -> list[Offer]:
    """What can be offered; who cannot be mailed by SendGrid at all goes to `outcomes` at once."""
    offers: dict[str, Offer] = {}
    personalizer = payload.Personalizer(mailing)
    for reader in readers:
        try:
            part = personalizer.part(reader)
        except UnmailableError as reason:
            outcomes[reader.delivery_id] = Rejected(reader.delivery_id, str(reason))
            continue
        first = offers.setdefault(part["to"][0]["email"].casefold(), Offer(reader, part))
        if first.reader is not reader:
            outcomes[reader.delivery_id] = Rejected(reader.delivery_id, "The same address is already in this batch.")
    return list(offers.values())


@dataclass
class _HandOver:
    """One batch's way through as few requests as possible: 2·log2 n + 1 at most."""

    client: SendGridClient
    mailing: Mailing
    until: float
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    requests: int = 0
    requests_left: int = 0
    halted: Rejected | None = None  # what becomes of those not yet offered
    accepted_some: bool = False
    suspects: list[tuple[Offer, str]] = field(default_factory=list)

    def offer_all(self, offers: Group) -> None:
        self.requests_left = 2 * math.ceil(math.log2(len(offers))) + 1 if offers else 0
        groups = [offers]
        while groups:
            if group := groups.pop():
                groups += self._offer(group)
        self._judge_suspects(len(offers))

    def _offer(self, group: Group) -> list[Group]:
        """Offer one group, record what is certain, and return what may be offered again."""
        if refusal := self._closed():
            return self._reject(group, refusal)
        self.requests_left -= 1
        self.requests += 1
        parts = payload.named([offer.part for offer in group], self.mailing.attempt, self.requests)
        body = payload.body(self.mailing, parts)
        reply = self.client.post(body, self.until - clock.ticking())
        if isinstance(reply, NotSent):
            unreachable = later(f"SendGrid could not be reached: {reply.reason}.", UNREACHABLE)
            return self._halt(group, replace(unreachable, all_wait=True))
        if isinstance(reply, Lost):
            return self._unknown(group, f"SendGrid's answer was lost: {reply.reason}.")
        return self._answered(group, reply)

    def _closed(self) -> Rejected | None:
        """Why no further request may go out now, if so."""
        if self.halted:
            return self.halted
        if clock.ticking() >= self.until:
            return later("There was no time left.")
        return None if self.requests_left else later("SendGrid refused too many requests of this batch.")

    def _answered(self, group: Group, answer: Answer) -> list[Group]:
        if answer.status == HTTPStatus.ACCEPTED:
            return self._accept(group, answer)
        if answer.status == HTTPStatus.BAD_REQUEST:
            return self._isolate(group, errors_in(answer.body))
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and len(group) > 1:
            return _halves(group)
        refusal = refusal_in(answer)
        return self._halt(group, refusal) if refusal else self._unknown(group, f"SendGrid answered {answer.status}.")

    def _accept(self, group: Group, answer: Answer) -> list[Group]:
        request_id = answer.headers.get("X-Message-Id", "")
        if not request_id and answer.body.strip():
            # Something in between may have spoken, whatever SendGrid did.
            return self._unknown(group, "A 202 came with a body and no id, which SendGrid's has not.")
        self.accepted_some = True
        said, rest_until = words(request_id), full_until(answer.headers)
        for offer in group:
            self._record(Accepted(offer.reader.delivery_id, said, rest_until))
        return []

    def _isolate(self, group: Group, errors: Sequence[tuple[str, str]]) -> list[Group]:
        """A 400 took nobody: those it names are rejected for good, the others are offered again."""
        blamed = blamed_readers(errors, len(group))
        for index, reason in blamed.items():
            self._record(Rejected(group[index].reader.delivery_id, reason))
        if blamed:
            return [[offer for index, offer in enumerate(group) if index not in blamed]]
        reason = "SendGrid refused: " + ("; ".join(message for _, message in errors) or "no reason given.")
        if any(name for name, _ in errors):
            return self._halt(group, replace(later(words(reason)), stop=True))
        if len(group) > 1:
            return _halves(group)
        self.suspects.append((group[0], words(reason)))
        return []

    def _judge_suspects(self, offered: int) -> None:
        """Who was refused alone, without being named, is guilty only if others passed: else it is the request."""
        ours = offered > 1 and not self.accepted_some
        for offer, reason in self.suspects:
            refusal = replace(later(reason), stop=True) if ours else Rejected(0, reason)
            self._record(replace(refusal, delivery_id=offer.reader.delivery_id))

    def _unknown(self, group: Group, reason: str) -> list[Group]:
        for offer in group:
            self._record(Unknown(offer.reader.delivery_id, reason))
        self.halted = later("An earlier request of this batch was left open.")
        return []

    def _halt(self, group: Group, refusal: Rejected) -> list[Group]:
        self.halted = refusal
        return self._reject(group, refusal)

    def _reject(self, group: Group, refusal: Rejected) -> list[Group]:
        for offer in group:
            self._record(replace(refusal, delivery_id=offer.reader.delivery_id))
        return []

    def _record(self, outcome: Outcome) -> None:
        self.outcomes[outcome.delivery_id] = outcome


def _halves(group: Group) -> list[Group]:
    middle = len(group) // 2
    return [group[middle:], group[:middle]]
