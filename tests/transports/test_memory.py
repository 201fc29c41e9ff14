"""The in-memory twin answers as it is told and keeps what it accepted."""

from newsletter.transports.base import Accepted, Unknown
from newsletter.transports.memory import MemoryTransport
from tests.transports.mailing import SmallMailing, readers


def test_it_keeps_every_copy_with_its_message():
    transport = MemoryTransport()
    outcomes = transport.hand_over(SmallMailing(), readers(2))
    assert outcomes == [Accepted(1), Accepted(2)]
    assert [copy.reader for copy in transport.copies] == readers(2)
    assert transport.copies[0].message == SmallMailing().message(readers(1)[0])


def test_it_can_answer_otherwise_and_keeps_only_what_it_accepted():
    def second_is_unknown(reader):
        return Unknown(reader.delivery_id, "told so") if reader.delivery_id == 2 else Accepted(reader.delivery_id)

    transport = MemoryTransport(answer=second_is_unknown)
    outcomes = transport.hand_over(SmallMailing(), readers(3))
    assert outcomes == [Accepted(1), Unknown(2, "told so"), Accepted(3)]
    assert [copy.reader.delivery_id for copy in transport.copies] == [1, 3]
