"""A test mail: an edition as a reader would get it, sent to one address that somebody names; nothing in it acts.

It is what was rendered when it was asked for, so the letter keeps the whole mail until it is through.
"""

from dataclasses import dataclass
from typing import Any

from newsletter.letters.words import Publication, Words
from newsletter.mail.slots import LEAVE
from newsletter.signing import token_of_test
from newsletter.transports.merge import Content, slots_for

KIND = "test"
_KEPT = ("html", "text")
# Looks like a token in an address for leaving by mail and names nobody.
_NOBODY = "a" * 40


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The mail, its slots unfilled; `headers` are (name, value). `html` and `text` are empty once it is through."""

    edition: int
    subject: str
    html: str
    text: str
    sender: tuple[str, str]
    reply_to: str
    headers: tuple[tuple[str, str], ...]

    def words(self, about: Publication) -> Words:
        """What lists of letters say of it."""
        return Words(
            subject=self.subject,
            happened=f"A test of edition {self.edition} of {about.name}.",
            command=f"newsletter edition preview {self.edition}",
        )


def content(payload: dict[str, Any]) -> Content:
    """The mail as an edition's copy has it, every header included."""
    mail = Rehearsal(**payload)
    name, address = mail.sender
    headers = tuple((name, value) for name, value in mail.headers)
    return Content((name, address), mail.reply_to, mail.subject, mail.html, mail.text, headers)


def slots(newsletter: int, name: str) -> dict[str, str]:
    """A reader's words, with a token that answers and changes nothing."""
    return {**slots_for(token_of_test(newsletter), name), LEAVE.strip("@"): _NOBODY}


def emptied(payload: dict[str, Any]) -> dict[str, Any]:
    """What is kept of it afterwards: that it was, not what it said."""
    return payload | dict.fromkeys(_KEPT, "")
