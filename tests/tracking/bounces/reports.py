"""Returned mail in the form of RFC 3464: kind | status in the report | what the server said. Our own words."""

from collections.abc import Callable
from functools import partial

from tests.tracking.bounces import shapes
from tests.tracking.bounces.shapes import Case

_TABLES: dict[str, tuple[Callable[[str, str], str], str]] = {
    "postfix": (shapes.postfix, """
        hard  | 5.1.1  | 550 5.1.1 <ann@reader.example>: User unknown in table
        hard  | 5.0.0  | 550 <ann@reader.example>: No such user here
        soft  | 4.1.1  | 450 4.1.1 User unknown in local table
        soft  | 5.2.2  | 552 5.2.2 Mailbox is full, try later
        soft  | 5.1.1  | 550 5.1.1 ann: mailbox over quota
        block | 5.7.1  | 554 5.7.1 Client host blocked using zen.spamhaus.org
        block | 5.1.1  | 550 5.1.1 listed at spamhaus, User unknown
        hard  | 5.7.1  | 550 5.7.1 <ann@reader.example>: User unknown
        block | 4.2.0  | 450 4.2.0 Greylisted, see http://postgrey.example
        block | 5.1.8  | 553 5.1.8 Sender address rejected: Domain not found
        block | 5.7.1  | 554 5.7.1 <ann@reader.example>: Relay access denied
        hard  | 5.4.4  | Host or domain name not found. Name service error
        hard  | 5.1.0  | Domain reader.example does not accept mail (nullMX)
        soft  | 4.4.1  | connect to mx.reader.example: Connection timed out
        soft  | 5.4.6  | mail for reader.example loops back to myself
        block | 5.3.4  | 552 5.3.4 Message size exceeds fixed limit
        hard  | 5.1.6  | 551 5.1.6 User has moved to ann@else.example
        block | 5.7.1  | 550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. S3150
        hard  | 5.1.1  | 550 5.1.1 <ann@reader.example>: user does not exist
        block | 5.7.1  | 554 5.7.1 [CS01] Message rejected due to local policy
        hard  | 5.7.1  | 550 5.7.1 No such user!
        block | 5.7.1  | 550 5.7.1 Policy rejection on the target address
        block | 5.1.1  | 550 5.1.1 RCP-P2 Refused due to recipient preferences
        block | 4.7.0  | 421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred
        block | 5.0.0  | 550 Rejected by header based Anti-Spoofing policy
        hard  | 5.0.0  | 553 mailbox name not allowed: invalid recipient
        soft  | 5.0.0  | 554 Service currently unavailable
    """),
    # What is wrong is ours: a certificate, a header, a command, our account. No reader dies of it.
    "postfix, about us": (shapes.postfix, """
        block | 5.7.1   | 550-5.7.1 Invalid credentials for relay [192.0.2.1]. The IP address doesn't match the domain
        block | 5.7.0   | 550 5.7.0 TLS 1.0 is no longer supported
        block | 5.6.0   | 554 5.6.0 Invalid header found in message
        block | 5.6.0   | 550 5.6.0 Date header is not valid
        soft  | 5.5.1   | 500 5.5.1 Invalid command
        block | 5.0.0   | 550 Ip frequency limited. [Blocked IP 192.0.2.22]
        block | 5.0.0   | 550 Mail content denied.
        block | 5.7.323 | 550 5.7.323 tlsa-invalid: The domain failed DANE validation
        block | 5.7.1   | 554 5.7.1 Your host name does not exist in DNS
        block | 5.7.1   | 550 5.7.1 Sending account deactivated
        block | 5.7.1   | 550 5.7.1 Your account is not active
        block | 5.7.1   | 550 5.7.1 <mx.news.example>: Helo command rejected: Host not found
        block | 5.7.27  | 550 5.7.27 The domain you send from publishes a null MX
        block | 5.7.750 | 550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains
        soft  | 4.7.5   | 454 4.7.5 Invalid certificate, try again later
        hard  | 5.5.0   | 550 5.5.0 Requested action not taken: mailbox unavailable
        hard  | 5.2.1   | 550 5.2.1 This account does not exist
        soft  | 5.0.0   | 550 5.0.0
        hard  | 5.1.3   | 501 5.1.3 <ann@reader.example.>: malformed address: . may not follow reader
        block | 5.2.1   | The group (ann) may not exist, or you may not have permission to post messages to it
        block | 5.0.0   | 550 グループが存在しないか、投稿する権限がありません
    """),
    "postfix, at the sender": (partial(shapes.postfix, reply="MAIL FROM"), "block | 5.0.0 | 550 No such domain here"),
    "postfix, at the content": (partial(shapes.postfix, reply="end of DATA"), """
        block | 5.7.1  | 554 5.7.1 Message rejected as spam
        block | 5.0.0  | 550 Unknown user ann
        block | 5.0.0  | 550 5.0.0
        block | 5.0.0  | 550 "The Weekly": malformed address: mag may not follow The
    """),
    "sendmail": (shapes.sendmail, """
        hard  | 5.1.1  | 550 5.1.1 <ann@reader.example>... User unknown
        soft  | 5.2.1  | 550 5.2.1 Mailbox disabled for this recipient
        hard  | 5.1.1  | 550 Requested action not taken: mailbox unavailable
        hard  | 5.1.2  | 550 Host unknown
        block | 4.7.1  | 450 4.7.1 Fix reverse DNS for 192.0.2.1
        soft  | 4.4.5  | 452 4.4.5 Insufficient disk space; try again later
        soft  | 5.0.0  | 550
    """),
    "exchange": (shapes.exchange, """
        hard  | 5.1.1   | 550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
        soft  | 5.2.2   | 554 5.2.2 mailbox full; STOREDRV.Deliver.Exception
        block | 5.7.1   | 550 5.7.1 RESOLVER.RST.AuthRequired; authentication required
        block | 5.2.3   | 550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large
        hard  | 5.1.10  | 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found
        hard  | 5.4.1   | 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
        block | 5.7.515 | 550 5.7.515 Access denied, sending domain does not pass DMARC
        block | 5.7.606 | 550 5.7.606 Access denied, banned sending IP [192.0.2.1]
        hard  | 5.4.310 | 550 5.4.310 DNS domain reader.example does not exist
    """),
    "exchange 2003": (shapes.exchange_2003, """
        hard  | 5.1.1  | Delivery to the following recipients failed.
        soft  | 5.2.2  | Delivery to the following recipients failed.
        soft  | 4.4.6  | forwarded more than the maximum allowed times. A mail loop?
    """),
    "gmail": (shapes.gmail, """
        hard  | 5.1.1  | 550-5.1.1 The email account that you tried to reach does not exist. Please try
        soft  | 4.2.2  | 452-4.2.2 The email account that you tried to reach is over quota.
        soft  | 5.2.2  | 552-5.2.2 The email account is over quota
        soft  | 5.2.1  | 550 5.2.1 The email account that you tried to reach is disabled
        block | 4.7.28 | 421-4.7.28 unusual rate of unsolicited mail from your IP address
        block | 5.7.26 | 550-5.7.26 This mail is unauthenticated: neither SPF nor DKIM
        block | 5.7.1  | 550 5.7.1 Our system has detected that this message is likely spam
    """),
    "ses": (shapes.ses, """
        hard  | 5.1.1  | 550 5.1.1 Amazon SES did not send: recipient address unknown user
        soft  | 5.1.0  | 5.1.0 - Unknown address error 550-'5.2.2 <ann@reader.example>... Mailbox Full'
        block | 5.6.0  | 554 5.6.0 Message contains a virus
    """),
}  # fmt: skip


def _cases(name: str, shape: Callable[[str, str], str], table: str) -> list[Case]:
    rows = [[cell.strip() for cell in line.split("|", 2)] for line in table.strip().splitlines()]
    return [Case(f"{name}: {status} {said[:40]}", shape(said, status), kind, status) for kind, status, said in rows]


CASES = [case for name, (shape, table) in _TABLES.items() for case in _cases(name, shape, table)]
