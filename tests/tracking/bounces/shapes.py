"""The shapes in which mail servers return mail: each builds one message, of our own invention."""

from dataclasses import dataclass

READER = "ann@reader.example"
US = "bounces@news.example"

RETURNED = f"""\
Received: from mx.news.example (mx.news.example [192.0.2.1]) by mx.reader.example; Thu, 26 Nov 2026 12:00:03 +0000
From: The Weekly <roundup@news.example>
To: {READER}
Subject: The week in foreign policy
Message-ID: <00000000000000ab.17@news.example>
List-Unsubscribe: <https://news.example/u/x>
Content-Type: text/plain

User unknown, mailbox full, spam: words of ours that must not be read.
"""


@dataclass(frozen=True)
class Case:
    """A message, and what it has to be read as."""

    name: str
    text: str
    kind: str
    status: str | None = None
    address: str | None = READER

    @property
    def raw(self) -> bytes:
        return self.text.encode("utf-8")


def mail(body: str, *, sender: str = "MAILER-DAEMON@mx.reader.example", subject: str = "", head: str = "") -> str:
    """Headers as a server of the recipient writes them, and a body that may bring its own Content-Type."""
    return (
        f"Return-Path: <>\nDelivered-To: {US}\nReceived: from mx.reader.example by mx.news.example; Thu, 26 Nov 2026"
        f" 12:00:04 +0000\nDate: Thu, 26 Nov 2026 12:00:04 +0000\nFrom: {sender}\nTo: {US}\nSubject: {subject}\n"
        f"{head}{body}"
    )


def report(fields: str, told: str, *, sender: str, subject: str, original: str = RETURNED) -> str:
    """RFC 3464: what people read, what machines read, what was returned."""
    body = (
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary="=_cut"\n\n'
        f"This is a MIME-encapsulated message.\n\n--=_cut\nContent-Type: text/plain; charset=utf-8\n\n{told}\n\n"
        f"--=_cut\nContent-Type: message/delivery-status\n\n{fields}\n\n"
        f"--=_cut\nContent-Type: message/rfc822\n\n{original}\n--=_cut--\n"
    )
    return mail(body, sender=sender, subject=subject)


def postfix(said: str, status: str, *, action: str = "failed", reply: str = "RCPT TO") -> str:
    told = (
        "This is the mail system at host mx.news.example.\n\nI'm sorry to have to inform you that your message could"
        " not\nbe delivered to one or more recipients. It's attached below.\n\n"
        f"<{READER}>: host mx.reader.example[192.0.2.7] said: {said} (in reply to {reply} command)"
    )
    fields = (
        "Reporting-MTA: dns; mx.news.example\nX-Postfix-Queue-ID: 4F1B2C\n\n"
        f"Final-Recipient: rfc822; {READER}\nOriginal-Recipient: rfc822;{READER}\nAction: {action}\nStatus: {status}\n"
        f"Remote-MTA: dns; mx.reader.example\nDiagnostic-Code: smtp; {said}"
    )
    sender = "MAILER-DAEMON@mx.news.example (Mail Delivery System)"
    return report(fields, told, sender=sender, subject="Undelivered Mail Returned to Sender")


def sendmail(said: str, status: str, *, action: str = "failed") -> str:
    told = (
        "The original message was received at Thu, 26 Nov 2026 12:00:00 GMT\nfrom news.example [192.0.2.1]\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{READER}>\n    (reason: {said})\n\n"
        "   ----- Transcript of session follows -----\n... while talking to mx.reader.example.:\n"
        f">>> RCPT To:<{READER}>\n<<< {said}"
    )
    fields = (
        "Reporting-MTA: dns; mx.news.example\nReceived-From-MTA: DNS; news.example\n\n"
        f"Final-Recipient: RFC822; {READER}\nAction: {action}\nStatus: {status}\nRemote-MTA: DNS; mx.reader.example\n"
        f"Diagnostic-Code: SMTP; {said}\nLast-Attempt-Date: Thu, 26 Nov 2026 12:00:02 GMT"
    )
    sender = "Mail Delivery Subsystem <MAILER-DAEMON@mx.news.example>"
    return report(fields, told, sender=sender, subject="Returned mail: see transcript for details")


def exim(said: str) -> str:
    return mail(
        "\nThis message was created automatically by mail delivery software.\n\nA message that you sent could not be"
        " delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {READER}\n    {said}\n\n------ This is a copy of the message, including all the headers. ------\n\n"
        f"{RETURNED}",
        sender="Mail Delivery System <Mailer-Daemon@mx.news.example>",
        subject="Mail delivery failed: returning message to sender",
        head=f"X-Failed-Recipients: {READER}\nAuto-Submitted: auto-replied\n",
    )


def qmail(said: str) -> str:
    return mail(
        "\nHi. This is the qmail-send program at mx.reader.example.\nI'm afraid I wasn't able to deliver your message"
        " to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{READER}>:\n{said}\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <{US}>\n{RETURNED}",
        subject="failure notice",
    )


def exchange(said: str, status: str, told: str = "") -> str:
    """2007 to Office 365."""
    words = f"Delivery has failed to these recipients or groups:\n\n{READER}\n{told}\n\nGenerating server: ex.example"
    fields = (
        "Reporting-MTA: dns;ex.reader.example\nReceived-From-MTA: dns;mx.news.example\n\n"
        f"Original-Recipient: rfc822;{READER}\nFinal-Recipient: rfc822;{READER}\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp;{said}"
    )
    return report(
        fields, words, sender="<postmaster@reader.example>", subject="Undeliverable: The week in foreign policy"
    )


def exchange_2003(told: str, status: str, *, action: str = "failed") -> str:
    """No diagnostic at all."""
    final = f"Final-Recipient: rfc822;{READER}\nAction: {action}\nStatus: {status}"
    fields = f"Reporting-MTA: dns;ex03.reader.example\n\n{final}"
    words = f"This is an automatically generated Delivery Status Notification.\n\n{told}\n\n       {READER}\n"
    subject = f"Delivery Status Notification ({'Failure' if action == 'failed' else 'Delay'})"
    return report(fields, words, sender="postmaster@reader.example", subject=subject)


def gmail(said: str, status: str, *, action: str = "failed") -> str:
    told = f"** Address not found **\n\nYour message wasn't delivered to {READER}.\n\nThe response was:\n\n{said}"
    fields = (
        "Reporting-MTA: dns; googlemail.com\nArrival-Date: Thu, 26 Nov 2026 04:00:01 -0800 (PST)\n\n"
        f"Final-Recipient: rfc822; {READER}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}"
    )
    sender = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
    word = "Failure" if action == "failed" else "Delay"
    return report(fields, told, sender=sender, subject=f"Delivery Status Notification ({word})")


def yahoo(said: str) -> str:
    return mail(
        "\nMessage from  yahoo.example.\nUnable to deliver message to the following address(es).\n\n"
        f"<{READER}>:\n{said}\n\n--- Original message follows.\n\n{RETURNED}",
        sender="MAILER-DAEMON@yahoo.example",
        subject="Delivery failure",
    )


def ses(said: str, status: str) -> str:
    told = f"An error occurred while trying to deliver the mail to the following recipients:\n{READER}"
    fields = (
        "Reporting-MTA: dns; a8-1.smtp-out.ses.example\n\nAction: failed\n"
        f"Final-Recipient: rfc822; {READER}\nDiagnostic-Code: smtp; {said}\nStatus: {status}"
    )
    return report(fields, told, sender="MAILER-DAEMON@ses.example", subject="Delivery Status Notification (Failure)")


def feedback(
    fields: str, *, subject: str = "FW: The week in foreign policy", sender: str = "fbl@provider.example"
) -> str:
    """RFC 5965."""
    body = (
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="=_cut"\n\n--=_cut\n'
        "Content-Type: text/plain\n\nThis is an email abuse report for a message received from 192.0.2.1.\n\n--=_cut\n"
        f"Content-Type: message/feedback-report\n\n{fields}\n\n--=_cut\n"
        f"Content-Type: message/rfc822\n\n{RETURNED}\n--=_cut--\n"
    )
    return mail(body, sender=sender, subject="FW: The week in foreign policy")


def person(body: str, *, subject: str = "Re: The week in foreign policy", head: str = "", sender: str = "") -> str:
    """What somebody wrote from an ordinary mail program."""
    sender = sender or f"Ann Reader <{READER}>"
    return (
        f"Return-Path: <{READER}>\nDate: Thu, 26 Nov 2026 13:00:00 +0000\n"
        f"From: {sender}\nTo: {US}\n"
        f"Subject: {subject}\nMessage-ID: <abc@a.example>\n{head}Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
