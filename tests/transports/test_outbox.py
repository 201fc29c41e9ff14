"""The outbox keeps one file per copy, as a Maildir that any program reads."""

import mailbox
from email import policy
from email.parser import BytesParser

from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.outbox import OutboxTransport
from tests.transports.mailing import SmallMailing, reader, readers


def test_every_reader_gets_one_file_that_holds_the_bytes_given(tmp_path):
    outcomes = OutboxTransport(tmp_path / "outbox").hand_over(SmallMailing(), readers(3))

    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3
    files = sorted((tmp_path / "outbox" / "new").iterdir())
    assert [file.read_bytes() for file in files] == [SmallMailing().message(each) for each in readers(3)]
    assert not list((tmp_path / "outbox" / "tmp").iterdir())


def test_handing_over_twice_leaves_one_file(tmp_path):
    outbox = OutboxTransport(tmp_path)
    outbox.hand_over(SmallMailing(), readers(2))
    outbox.hand_over(SmallMailing(attempt=2), readers(2))
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_a_copy_that_a_mail_program_has_opened_is_not_written_again(tmp_path):
    # Given a mail program that moved the copy to cur/ and flagged it
    outbox = OutboxTransport(tmp_path)
    [accepted] = outbox.hand_over(SmallMailing(), [reader(1)])
    (tmp_path / "new" / accepted.provider_id).rename(tmp_path / "cur" / f"{accepted.provider_id}:2,S")
    # When the same copy is handed over again
    outbox.hand_over(SmallMailing(), [reader(1)])
    # Then there is still one
    assert not list((tmp_path / "new").iterdir())


def test_pythons_mailbox_module_reads_it(tmp_path):
    OutboxTransport(tmp_path).hand_over(SmallMailing(), readers(2))

    folder = mailbox.Maildir(tmp_path, factory=BytesParser(policy=policy.default).parse, create=False)
    messages = list(folder)
    assert {message["Message-ID"] for message in messages} == {
        "<00000000000000e1.1@x.example>",
        "<00000000000000e1.2@x.example>",
    }
    assert not any(message.defects for message in messages)


def test_a_reference_can_not_name_a_file_elsewhere(tmp_path):
    OutboxTransport(tmp_path / "outbox").hand_over(SmallMailing(), [reader(1, reference="../../escaped")])
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]
    assert len(list((tmp_path / "outbox" / "new").iterdir())) == 1


def test_an_outbox_that_cannot_be_written_rejects_for_now(tmp_path):
    # Given a file where the folder should be
    (tmp_path / "outbox").write_text("in the way")
    outcomes = OutboxTransport(tmp_path / "outbox").hand_over(SmallMailing(), readers(2))
    # Then nobody is lost: each may be tried again
    assert all(isinstance(outcome, Rejected) and outcome.not_before for outcome in outcomes)
    assert "outbox cannot be written" in outcomes[0].reason
