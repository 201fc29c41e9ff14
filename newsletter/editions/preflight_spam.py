"""What a spam filter would say of an edition, where one is installed: a hint about words, never a reason to block."""

from collections.abc import Iterator
from datetime import UTC, datetime

from newsletter import links
from newsletter.editions.preflight_findings import Finding, warn
from newsletter.editions.render import Rendered
from newsletter.editions.snapshot import Snapshot
from newsletter.mail import spamassassin
from newsletter.mail.slots import TOKEN
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content, slots_for

CODE = "spam-phrase"
_NOBODY = Reader(0, "reader@example.org", "", "0000000000000000.0", slots_for("0" * 34, ""))


def phrases(made: object, snapshot: Snapshot) -> Iterator[Finding]:
    """A warning for each rule that counts against the mail; none where there is no mail or no filter."""
    if not isinstance(made, Rendered) or not spamassassin.is_here():
        return
    for rule in spamassassin.rules(_message(made, snapshot)):
        words = f"SpamAssassin counts {rule.score:g} against the mail: {rule.words}."
        yield warn(CODE, words, part="mail", about=rule.name)


def _message(made: Rendered, snapshot: Snapshot) -> bytes:
    publication = snapshot["newsletter"]
    headers = (
        ("List-Id", f"<{publication['slug']}.{links.host()}>"),
        ("List-Unsubscribe", f"<{links.unsubscribe(TOKEN)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
    )
    sender = (publication["sender_name"], publication["sender_email"])
    content = Content(sender, publication["reply_to"], made.subject, made.html, made.text, headers)
    return BatchMailing(content, "preflight", 1, datetime.now(UTC)).message(_NOBODY)
