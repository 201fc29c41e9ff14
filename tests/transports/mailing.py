"""A small mailing and its readers, as a transport sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.transports.base import Reader

HEADERS = {
    "List-Unsubscribe": "<https://news.example.org/u/@@TOKEN@@>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Id": "The Round-up <round-up.news.example.org>",
    "Auto-Submitted": "auto-generated",
}


@dataclass(frozen=True)
class SmallMailing:
    sender: tuple[str, str] = ("The Desk", "desk@news.example.org")
    reply_to: str = "letters@news.example.org"
    subject: str = "The week, @@NAME@@"
    html: str = "<p>Hello @@NAME_HTML@@, <a href='https://news.example.org/u/@@TOKEN@@'>leave</a></p>"
    text: str = "Hello @@NAME@@\n\nhttps://news.example.org/u/@@TOKEN@@\n"
    headers: Mapping[str, str] = field(default_factory=lambda: dict(HEADERS))
    batch: str = "00000000000000b1"
    attempt: int = 1
    body: bytes = b"Hello\r\n"

    def envelope_sender(self, reader: Reader) -> str:
        return self.sender[1]

    @property
    def is_dot_safe(self) -> bool:
        return False

    def message(self, reader: Reader) -> bytes:
        head = f"From: desk@news.example.org\r\nSubject: The week\r\nMessage-ID: <{reader.reference}@x.example>\r\n\r\n"
        return head.encode() + self.body


def token(number: int) -> str:
    """As long as a real one."""
    return f"token-{number:0>28}"


def reader(number: int, **changes: object) -> Reader:
    values = {
        "delivery_id": number,
        "address": f"reader{number}@example.org",
        "name": f"Reader {number}",
        "reference": f"00000000000000e1.{number}",
        "slots": {
            "TOKEN": token(number),
            "NAME": f"Reader {number}",
            "NAME_HTML": f"Reader {number}",
            "CLICK": "0",
            "PIXEL": "",
        },
    }
    return Reader(**(values | changes))  # type: ignore[arg-type]


def readers(count: int) -> list[Reader]:
    return [reader(number) for number in range(1, count + 1)]
