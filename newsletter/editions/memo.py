"""What was rendered and judged a moment ago, for whoever looks at the same content again: kept by what it is made from.

Only for looking. What is approved and sent is always rendered anew.
"""

import hashlib
import json

from django.core.cache import cache

from newsletter import links
from newsletter.editions import preflight_mail
from newsletter.editions.preflight_findings import Finding
from newsletter.editions.render import Rendered, render
from newsletter.editions.snapshot import Snapshot
from newsletter.mail.slots import TOKEN

KEPT = 60 * 60  # seconds, in the memory of one web process


def rendered(snapshot: Snapshot) -> Rendered:
    """As `render`, and raises what it raises: a mail that could not be made is tried again."""
    key = f"mail-{_digest(snapshot)}"
    made: Rendered | None = cache.get(key)
    if made is None:
        made = render(snapshot)
        cache.set(key, made, KEPT)
    return made


def findings(made: Rendered, snapshot: Snapshot) -> list[Finding]:
    """As `preflight_mail.mail` finds them in the mail that was made of this snapshot."""
    key = f"judged-{_digest(snapshot, made)}"
    found: list[Finding] | None = cache.get(key)
    if found is None:
        found = list(preflight_mail.mail(made, snapshot, unsubscribe=links.unsubscribe(TOKEN)))
        cache.set(key, found, KEPT)
    return found


def _digest(snapshot: Snapshot, made: Rendered | None = None) -> str:
    """Of what it is made from. Templates and settings stay the same while a process lives, as this memory does."""
    mail = [made.subject, made.html, made.text] if made else []
    said = json.dumps([snapshot, mail], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()
