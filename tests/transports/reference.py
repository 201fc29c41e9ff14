"""The slow way to make a reader's message: the standard library's, one at a time. The merge must say the same."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from newsletter import links
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, one_line


def message_for(mailing: BatchMailing, reader: Reader) -> EmailMessage:
    """What a careful person would build without any of our encoding."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(mailing.sender[0]), addr_spec=mailing.sender[1])
    message["To"] = Address(one_line(reader.name), addr_spec=reader.address)
    message["Subject"] = one_line(mailing.subject)
    message["Date"] = mailing.date
    message["Message-ID"] = links.message_id(reader.reference)
    if mailing.reply_to:
        message["Reply-To"] = mailing.reply_to
    for name, value in mailing.headers.items():
        message[name] = filled(value, reader)
    message.set_content(filled(mailing.text, reader), cte="quoted-printable")
    message.add_alternative(filled(mailing.html, reader), subtype="html", cte="quoted-printable")
    return message


def filled(text: str, reader: Reader) -> str:
    """The text with this reader's words in its slots; a slot's name inside a value is no slot."""
    pieces = text.split("@@")
    return "".join(reader.slots[piece] if odd else piece for piece, odd in zip(pieces, _alternately(), strict=False))


def _alternately():
    while True:
        yield False
        yield True
