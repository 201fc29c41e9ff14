"""Forty mails that are built to break a reader, or that something broke on the way."""

import base64

from tests.tracking.bounces import shapes
from tests.tracking.bounces.shapes import READER, US

_BOUNCE = shapes.postfix("550 5.1.1 User unknown", "5.1.1").encode()
_HEAD = b"From: MAILER-DAEMON@mx.example\nTo: bounces@news.example\nSubject: Undelivered Mail\n"


def _nested(kind: bytes, depth: int) -> bytes:
    opened = b"".join(b'Content-Type: %s; boundary="b%d"\n\n--b%d\n' % (kind, level, level) for level in range(depth))
    return _HEAD + opened + b"\nend\n"


def _within(depth: int) -> bytes:
    return _HEAD + b"Content-Type: message/rfc822\n\n" * depth + b"From: a@b.example\n\nend\n"


def _typed(value: bytes, body: bytes = b"550 nothing") -> bytes:
    return _HEAD + b"Content-Type: " + value + b"\n\n" + body


_REPORT = _HEAD + b'Content-Type: multipart/report; report-type=delivery-status; boundary="c"\n\n--c\n'

_STATUS = _REPORT + b"Content-Type: message/delivery-status\n\n"

MAILS: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\n",
    "nul bytes": b"\0" * 5000,
    "every byte": bytes(range(256)) * 40,
    "no headers": b"\n\n550 5.1.1 user unknown\n",
    "headers that never end": b"X: " + b"a" * 300_000,
    "ten thousand headers": b"".join(b"X-%d: y\n" % number for number in range(10_000)) + b"\n",
    "a header without a name": b": x\nFrom: MAILER-DAEMON@x.example\n\n550 user unknown\n",
    "colons": b":" * 5000 + b"\n\n",
    "folded without end": _HEAD + b"X: y\n" + b" z\n" * 20_000 + b"\n",
    "an mbox line and nothing": b"From MAILER-DAEMON Thu Nov 26 12:00:04 2026\n",
    "cut in the headers": _BOUNCE[:200],
    "cut in the report": _BOUNCE[: _BOUNCE.index(b"Final-Recipient")],
    "a boundary that nothing uses": _typed(b'multipart/report; boundary="zzz"'),
    "a boundary that is empty": _typed(b'multipart/mixed; boundary=""', b"--\n\nx\n----\n"),
    "a boundary of a megabyte": _typed(b'multipart/mixed; boundary="' + b"b" * 1_000_000 + b'"'),
    "the boundary ten thousand times": _typed(b'multipart/mixed; boundary="c"', b"--c\n\nx\n" * 10_000),
    "parts in parts, 10,000 deep": _nested(b"multipart/mixed", 10_000),
    "parts in parts, 41 deep": _nested(b"multipart/report", 41),
    "mails in mails, 10,000 deep": _within(10_000),
    "mails in mails, 30 deep": _within(30),
    "a charset of nowhere": _typed(b'text/plain; charset="x-nowhere"', b"\xff\xfe\xfd"),
    "a charset of a megabyte": _typed(b'text/plain; charset="' + b"c" * 1_000_000 + b'"'),
    "a charset that is none": _typed(b"text/plain; charset=\xff\xfe", b"\xe9\xe8"),
    "a charset that decodes to no text": _typed(b"text/plain; charset=hex", b"zz"),
    "base64 that is none": _HEAD + b"Content-Transfer-Encoding: base64\n\n!!!!\n",
    "quoted-printable that is none": _HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n=ZZ=\n=",
    "uuencode that is none": _HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n!!!\n",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?" * 20_000 + b"\nFrom: MAILER-DAEMON@x.example\n\nx\n",
    "an encoded word that is none": b"Subject: =?x?b?\xff?=\nFrom: =?utf-8?b?!!!?=\n\nx\n",
    "a report that is empty": _STATUS + b"\n--c--\n",
    "a report of noise": _STATUS + bytes(range(128, 256)) * 50 + b"\n--c--\n",
    "ten thousand recipients": _STATUS
    + b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 10_000,
    "a status of a megabyte": _STATUS + b"Final-Recipient: rfc822; a@b\nAction: failed\nStatus: " + b"5." * 500_000,
    "an address of a megabyte": _HEAD + b"\n<" + b"a" * 1_000_000 + b"@b.example>: 550 user unknown\n",
    "ten thousand addresses": _HEAD + b"\nThe following addresses failed:\n" + b"a@b.example " * 10_000,
    "at signs": _HEAD + b"\nfailed: " + b"@" * 100_000 + b"\n550 user unknown\n",
    "angle brackets": _typed(b"text/html", b"<" * 200_000 + b">" * 200_000),
    "a complaint about nothing": _HEAD + b'Content-Type: multipart/report; boundary="c"\n\n--c\n'
    b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n--c--\n",
    "json that never ends": b"From: no-reply@sns.amazonaws.com\n\n" + b'{"notificationType":' + b"[" * 100_000,
    "markup and terminal codes": _HEAD + b"\n<a@b.example>: \x1b[2J\x07 <script>alert(1)</script> 550 user unknown\n",
    "the report in base64 twice": _STATUS[:-1] + b"Content-Transfer-Encoding: base64\n\n"
    + base64.b64encode(base64.b64encode(b"Final-Recipient: rfc822; a@b.example\nAction: failed\n")) + b"\n--c--\n",
    "sealed by nobody": _BOUNCE.replace(US.encode(), b"bounces+" + b"0" * 16 + b".1." + b"a" * 16 + b"@news.example"),
    "a number beyond all": _BOUNCE.replace(US.encode(), b"bounces+%s.%s.%s@x" % (b"0" * 16, b"9" * 19, b"a" * 16)),
    "about an address beyond all": _BOUNCE.replace(READER.encode(), b"x@" + b"y." * 500),
}  # fmt: skip
