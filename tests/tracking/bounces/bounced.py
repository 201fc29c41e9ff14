"""Mail that was returned, and complaints, apart from the common reports: what each has to be read as. Our own words."""

from tests.tracking.bounces import shapes
from tests.tracking.bounces.shapes import READER, Case, mail, report

_FINAL = f"Final-Recipient: rfc822; {READER}"
ODD_REPORTS = [
    Case("domino", report(
        f"Reporting-MTA: dns;domino.reader.example\n\n{_FINAL}\nAction: failed\nStatus: 5.1.1\n"
        f"Diagnostic-Code: X-Notes; User ann ({READER}) not listed in Domino Directory",
        "Your message was not delivered.", sender="Postmaster@reader.example", subject="DELIVERY FAILURE: User ann",
    ), "hard", "5.1.1"),
    Case("courier", report(
        f"Reporting-MTA: dns; courier.reader.example\n\n{_FINAL}\nAction: failed\nStatus: 5.0.0\n"
        "Diagnostic-Code: smtp; 550 User unknown.", "This is a delivery status notification from courier.",
        sender='"Courier mail server at reader.example" <@>', subject="NOTICE: mail delivery status.",
    ), "hard", "5.0.0"),
    Case("sun, with an empty line and the address last", report(
        "Reporting-MTA: dns;sims.reader.example\n\nAction: failed\nStatus: 5.0.0 (recipient reached disk quota)\n"
        f"Original-recipient: rfc822;{READER}\nFinal-recipient: rfc822;ann@sims-daemon", "It cannot be delivered.",
        sender="Internet Mail Delivery <postmaster@reader.example>", subject="Delivery Notification",
    ), "soft", "5.0.0"),
    Case("surfcontrol, with an empty line within", report(
        f"Reporting-MTA: dns; sc.reader.example\n\n{_FINAL}\n\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 No such user", "Your message could not be sent.",
        sender="MAILER-DAEMON@reader.example", subject="The week in foreign policy",
    ), "hard", "5.1.1"),
    Case("mcafee, without type and status", report(
        f"Original-Recipient: <{READER}>\nAction: failed\nDiagnostic-Code: smtp; 550 Unknown user {READER}",
        "--- The following addresses had delivery problems ---", sender="<MAILER-DAEMON@reader.example>",
        subject="Delivery Status",
    ), "hard", None),
    Case("powermta", report(
        f"Reporting-MTA: dns;pmta.example\n\n{_FINAL}\nAction: failed\nStatus: 5.2.1 (mailbox disabled)\n"
        "Diagnostic-Code: smtp;550 5.2.1 ann... User Unknown\nX-PowerMTA-BounceCategory: bad-mailbox", "Hello.",
        sender="postmaster@pmta.example", subject="Delivery report",
    ), "hard", "5.2.1"),
    Case("the first delivered, the second failed", report(
        "Reporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; bob@reader.example\nAction: delivered\n"
        f"Status: 2.0.0\n\n{_FINAL}\nAction: failed\nStatus: 5.1.1", "Mixed.", sender="MAILER-DAEMON@a.example",
        subject="Delivery report",
    ), "hard", "5.1.1"),
    Case("a boundary that is lost", shapes.postfix("550 Probable spam", "5.0.0").replace('\tboundary="', '\tb="'),
         "block", "5.0.0"),
]  # fmt: skip

_SMTP = "SMTP error from remote mail server after"
_JAPANESE = f"送信できませんでした。\n\n    Recipient: <{READER}>\n    >>> RCPT TO:<{READER}>\n    <<< 550 User unknown"
_RUSSIAN = f"Это письмо создано автоматически.\n\n  {READER}\n    пользователь не найден\n"
_SNS = (
    '{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"ann@reader.example",'
    '"status":"5.1.1","diagnosticCode":"smtp; 550 user unknown"}]}}'
)
_SNS_COMPLAINT = (
    '{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"ann@reader.example"}]}}'
)
WORDS = [
    Case("exim unknown", shapes.exim(f"{_SMTP} RCPT TO:<{READER}>:\n    550 5.1.1 No such user"), "hard", "5.1.1"),
    Case("exim unroutable", shapes.exim("Unrouteable address"), "hard"),
    Case("exim full", shapes.exim("mailbox is full: retry timeout exceeded"), "soft"),
    Case("exim retry", shapes.exim("retry timeout exceeded"), "soft"),
    Case("exim sender", shapes.exim(f"{_SMTP} MAIL FROM:<b@news.example>:\n    550 invalid"), "block"),
    Case("exim spam", shapes.exim(f"{_SMTP} end of data:\n    550 high spam score"), "block"),
    Case("qmail unknown", shapes.qmail("Sorry, no mailbox here by that name. (#5.1.1)"), "hard", "5.1.1"),
    Case("qmail host", shapes.qmail("Sorry, I couldn't find any host named reader.example. (#5.1.2)"), "hard", "5.1.2"),
    Case("qmail full", shapes.qmail("The user's mailfolder is full."), "soft"),
    Case("qmail away", shapes.qmail("I wasn't able to establish an SMTP connection. (#4.4.1)"), "soft", "4.4.1"),
    Case("qmail refused", shapes.qmail("192.0.2.7 does not like recipient.\nRemote host said: 553 5.7.1 in RBL"),
         "block", "5.7.1"),
    Case("yahoo unknown", shapes.yahoo("554 delivery error: dd This user doesn't have a y.example account"), "hard"),
    Case("yahoo full", shapes.yahoo("Sorry, your message cannot be delivered. It is over quota."), "soft"),
    Case("yahoo disabled", shapes.yahoo("This account has been disabled or discontinued [#102]."), "soft"),
    Case("exchange 5.5", mail(
        f"\nYour message\n\n  To:      Ann\n  Subject: The week\n\ndid not reach the following recipient(s):\n\n"
        f"{READER} on Thu, 26 Nov 2026\n    The recipient name is not recognized\n    MSEXCH:X:Y:Z 0 (000C05A6)",
        sender="System Administrator <postmaster@reader.example>", subject="Undeliverable: The week"), "hard"),
    Case("imail", mail(
        f"\nUnknown user: {READER}\n\nOriginal message follows.\n\n{shapes.RETURNED}",
        sender='"Postmaster" <postmaster@reader.example>', subject="Undeliverable Mail"), "hard"),
    Case("groupwise", mail(
        f"\nThe message that you sent was undeliverable to the following:\n\t{READER} (user not found)\n",
        sender="Mailer-Daemon@reader.example", subject="Message status - undeliverable"), "hard"),
    Case("mdaemon", mail(
        f"\n{READER} - no such user here.\n\nThere is no user by that name at this server.\n",
        sender="MDaemon@reader.example", subject=f"Warning: {READER} - User unknown!"), "hard"),
    Case("ezweb", mail(f"\n{_JAPANESE}", sender="Postmaster@ezweb.example", subject="Mail System Error"), "hard"),
    Case("mail.ru", mail(
        f"\n{_RUSSIAN}", sender="mailer-daemon@corp.mail.example",
        subject="=?UTF-8?B?0J3QtSDQtNC+0YHRgtCw0LLQu9C10L3Qvg==?="), "hard"),
    Case("french", mail(
        f"\nVotre message n'a pas pu être délivré à\n{READER}\n\nMotif : boîte pleine\n",
        sender="postmaster@fournisseur.example", subject="Message non remis"), "soft"),
    Case("german", mail(
        f"\nIhre Nachricht konnte nicht zugestellt werden:\n\n{READER}\n\nDas Postfach ist voll.\n",
        sender="postmaster@anbieter.example", subject="Unzustellbar: Die Woche"), "soft"),
    Case("spanish", mail(
        f"\nNo se pudo entregar el mensaje a:\n\n<{READER}>\n\nusuario desconocido\n",
        sender="postmaster@proveedor.example", subject="No se pudo entregar"), "hard"),
    Case("html only", mail(
        f"Content-Type: text/html\n\n<html><body><p>Delivery failed to:<br><b>{READER}</b></p>"
        "<p>550 5.1.1 user&nbsp;unknown</p></body></html>", subject="Undeliverable"), "hard", "5.1.1"),
    Case("verizon", mail(
        f"\nError: Invalid user address\n\n550 - Requested action not taken: no such user\n\n  RCPT TO: {READER}\n",
        sender="post_master@vtext.example", subject="Undeliverable Message"), "hard"),
    Case("nobody named", mail(
        "\nYour message\n\n  To:      Ann\n\ndid not reach the following recipient(s):\n\nAnn Reader on Thu, 26 Nov\n",
        sender="System Administrator <postmaster@reader.example>", subject="Undeliverable: x"), "soft", address=None),
    Case("amazon's notice", mail(
        f"x-amz-sns-message-id: 1\n\n{_SNS}",
        sender="no-reply@sns.amazonaws.com", subject="AWS Notification Message"), "hard", "5.1.1"),
]  # fmt: skip

_UNSENT = f"   ----- Unsent message follows -----\n{shapes.RETURNED}"
_SENDMAIL_5 = {
    "unknown": (f"While talking to mx:\n>>> RCPT To:<{READER}>\n<<< 550 No such user\n550 {READER}... refused", "hard"),
    "host": (f"550 {READER}... Host unknown", "hard"),
    "spam": (f">>> DATA\n<<< 554 This looks like spam\n554 {READER}... Service unavailable", "block"),
    "away": (f"421 reader.example (tcp)... Deferred: Connection refused by mx\n554 {READER}... gave up", "soft"),
}
_JAMES = (
    "Hi. This is the James mail server at j.example.\nI'm afraid I wasn't able to deliver your message to the following"
)
_EXCHANGE_2003 = {
    "5.1.1": (
        "was unable to deliver the message, but did not report a specific reason. Check it and try again.",
        "hard",
    ),
    "5.2.3": (
        "is larger than the current system limit or the recipient's mailbox is full. Try sending it again.",
        "block",
    ),
    "5.2.2": ("could not be delivered because the recipient's mailbox is full.", "soft"),
}
OLD = [
    *(Case(f"sendmail 5: {name}", mail(f"\n   ----- Transcript of session follows -----\n{said}\n\n{_UNSENT}",
           subject="Returned mail: Service unavailable"), kind) for name, (said, kind) in _SENDMAIL_5.items()),
    *(Case(f"exchange 2003, for people: {status}", mail(
        "\nYour message did not reach some or all of the intended recipients.\n\n      Subject:  The week\n\nThe"
        f" following recipient(s) could not be reached:\n\n      {READER} on 26/11/2026 07:01\n"
        f"            The message {told}\n"
        f"            <ex03.reader.example #{status}>\n",
        sender='"System Administrator" <postmaster@reader.example>', subject="Undeliverable: The week"), kind, status)
      for status, (told, kind) in _EXCHANGE_2003.items()),
    *(Case(f"james: {said[:20]}", mail(
        f"\n{_JAMES} addresses.\nThis is a permanent error; I've given up.\n\nFailed recipient(s):\n{READER}\n\n"
        f"Error message:\n{said}\n", sender="postmaster@j.example", subject="[BOUNCE] The week"), kind)
      for said, kind in (("550 - no such user here", "hard"), ("There are no DNS entries for the hostname", "hard"),
                         ("Could not connect to SMTP host: mx, port: 25", "soft"))),
]  # fmt: skip

_ABUSE = "Feedback-Type: abuse\nUser-Agent: FBL/1\nVersion: 1\n"
_MIXED = 'Content-Type: multipart/mixed; boundary="=_c"\n\n'
_HOTMAIL = f"X-HmXmrOriginalRecipient: {READER}\n{shapes.RETURNED}"
FEEDBACK = [
    Case("arf abuse", shapes.feedback(f"{_ABUSE}Original-Rcpt-To: {READER}"), "complaint"),
    Case("arf redacted", shapes.feedback(_ABUSE), "complaint", address=None),
    Case("arf fraud", shapes.feedback(f"Feedback-Type: fraud\nVersion: 1\nOriginal-Rcpt-To: <{READER}>"), "complaint"),
    Case("arf in capitals", shapes.feedback(f"FEEDBACK-TYPE:ABUSE\noriginal-rcpt-to:{READER}"), "complaint"),
    Case("arf opt-out", shapes.feedback(f"Feedback-Type: opt-out\nRemoval-Recipient: {READER}"), "unsubscribe"),
    Case("hotmail", mail(
        f"{_MIXED}--=_c\nContent-Type: message/rfc822\n\n{_HOTMAIL}\n--=_c--\n",
        sender="<staff@hotmail.com>", subject="complaint about message from 192.0.2.1"), "complaint"),
    Case("amazon's complaint", mail(
        f"\n{_SNS_COMPLAINT}",
        sender="no-reply@sns.amazonaws.com", subject="AWS Notification Message"), "complaint"),
]  # fmt: skip

CASES = [*ODD_REPORTS, *WORDS, *OLD, *FEEDBACK]
