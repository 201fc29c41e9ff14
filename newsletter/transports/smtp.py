"""SMTP: one kept connection per process, one reader per transaction, one answer per reader."""

import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

from newsletter import clock
from newsletter.transports.base import Accepted, Mailing, Outcome, Reader, Rejected
from newsletter.transports.smtp_connect import NoSessionError, open_session
from newsletter.transports.smtp_server import Server
from newsletter.transports.smtp_session import Copy, Limits, Session, dot_safe, later
from newsletter.transports.tls import default_trust
from newsletter.transports.wire import sender_fault, wire_address

MAX_TRANSACTIONS = 100  # on one connection; many servers hang up soon after
MAX_CONNECTIONS = 3  # without a copy accepted in between: a server that keeps hanging up wants to be left alone
BEGIN_WITHIN = 0.75  # of the deadline: who is begun later has too little time left for the answer to the dot


@dataclass
class _Run:
    """One hand-over: its clock, and what became of the connection so far."""

    mailing: Mailing
    begun: float
    deadline: float
    connections: int = 0
    halted: Rejected | None = None  # what becomes of those not yet begun

    @property
    def until(self) -> float:
        return self.begun + self.deadline

    def copy_for(self, reader: Reader) -> Copy | Rejected:
        """What goes over the wire for this reader, or why it cannot."""
        try:
            sender = wire_address(self.mailing.envelope_sender(reader))
            message = self.mailing.message(reader)
            return Copy(
                sender, wire_address(reader.address), message if self.mailing.is_dot_safe else dot_safe(message)
            )
        except ValueError as reason:
            return Rejected(0, str(reason))

    @property
    def late(self) -> bool:
        return clock.ticking() >= self.begun + self.deadline * BEGIN_WITHIN


@dataclass
class SmtpTransport:
    """Hands copies to the mail server of SMTP_URL. Nothing is connected before the first hand-over.

    `deadline`: seconds for one hand-over. `local_name`: how we introduce ourselves. `tls`: whom we trust.
    """

    server: Server
    batch_size: int = 20
    deadline: float = 120.0
    local_name: str = "localhost"
    limits: Limits = field(default_factory=Limits)
    tls: ssl.SSLContext = field(default_factory=default_trust)
    name: str = field(default="smtp", init=False)
    _session: Session | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def hand_over(self, mailing: Mailing, readers: Sequence[Reader]) -> list[Outcome]:
        """Offer each reader's copy in turn over the kept connection, or over a new one when that is gone."""
        with self._lock:
            run = self._begin(mailing)
            copies = pairwise(chain((run.copy_for(reader) for reader in readers), [None]))
            outcomes = [self._outcome(run, copy, following) for copy, following in copies if copy is not None]
            if self._session is not None:
                self._session.expect_nothing()
        return [
            replace(outcome, delivery_id=reader.delivery_id) for outcome, reader in zip(outcomes, readers, strict=True)
        ]

    def close(self) -> None:
        """Say goodbye to the server; the next hand-over connects again."""
        if self._session is not None and self._session.usable:
            self._session.quit()
        self._session = None

    def _begin(self, mailing: Mailing) -> _Run:
        run = _Run(mailing, clock.ticking(), self.deadline)
        if fault := sender_fault(mailing.sender[1]):
            run.halted = replace(later(fault), stop=True)
        if self._session is not None and self._session.usable:
            self._session.until = run.until
            self._session.still_answers()
        return run

    def _outcome(self, run: _Run, copy: Copy | Rejected, following: Copy | Rejected | None) -> Outcome:
        if run.halted:
            return run.halted
        if run.late:
            return later("There was no time left.")
        if isinstance(copy, Rejected):
            return copy
        try:
            session = self._ready_session(run)
        except NoSessionError as error:
            run.halted = error.refusal
            return error.refusal
        # The last one of a connection is followed by QUIT.
        is_last = session.transactions + 1 >= MAX_TRANSACTIONS
        return self._noted(
            run, session.deliver(copy, following if isinstance(following, Copy) and not is_last else None)
        )

    def _noted(self, run: _Run, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Accepted):
            run.connections = 0
        elif isinstance(outcome, Rejected) and outcome.stop:
            run.halted = outcome
        return outcome

    def _ready_session(self, run: _Run) -> Session:
        """The kept session, or a new one. Raises NoSessionError."""
        session = self._session
        if session is None or not session.usable or session.transactions >= MAX_TRANSACTIONS:
            self.close()
            if run.connections == MAX_CONNECTIONS:
                raise NoSessionError(later("The mail server keeps hanging up."))
            run.connections += 1
            session = self._session = open_session(self.server, self.limits, self.tls, self.local_name)
        session.until = run.until
        return session
