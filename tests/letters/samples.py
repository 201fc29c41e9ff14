"""Facts of every kind of letter, as its caller would give them."""

from datetime import timedelta

from newsletter.letters.alert_kinds import Wrong
from tests.builders import at

EDITION = {"edition": 12, "number": 9, "subject": "The long way round the Cape"}
DUE = at("2026-11-26 12:00")
STUCK = Wrong(
    level="page", words="The Meridian No. 9 makes no progress.", command="newsletter batch list --edition 12", since=""
)
SILENT = Wrong(level="morning", words="The feed Analysis is silent.", command="newsletter feed list", since="for 2 h")

REPORT = {
    "listening": True, "complaints": 2, "deferred": 41,
    "stages": [
        {"name": "candidates", "count": 1031, "losses": [{"name": "paused", "count": 31, "why": ""}]},
        {"name": "planned", "count": 1000, "losses": [
            {"name": "rejected", "count": 10, "why": "the transport refused these copies"}]},
        {"name": "accepted", "count": 990, "losses": [
            {"name": "bounced: hard", "count": 12, "why": "no such mailbox"}]},
        {"name": "delivered", "count": 978, "losses": []},
    ],
    "mailboxes": [
        {"name": "Google", "accepted": 600, "delivered": 597, "bounced": 3, "complained": 2},
        {"name": "others", "accepted": 390, "delivered": 381, "bounced": 9, "complained": 0},
    ],
    "unsubscribes": [{"name": "one-click", "count": 3, "why": ""}], "reasons": [{"name": "often", "count": 1}],
    "this": {"number": 9, "delivered": 0.988, "bounced": 0.012, "complained": 2, "left": 3},
    "before": [{"number": 8, "delivered": 0.991, "bounced": 0.009, "complained": 1, "left": 4}],
    "reading": {
        "clicks": {"human": 212, "raw": 590},
        "stories": [{"name": "The long way round the Cape", "human": 120, "raw": 300},
                    {"name": "A ledger of fallen forests, and who counted them twice", "human": 92, "raw": 290}],
    },
}  # fmt: skip

FACTS = {
    "draft-ready": {**EDITION, "stories": 14, "send_at": DUE, "remarks": ("Two photos have no credit.",)},
    "edition-held": {**EDITION, "reason": "Its time passed while nothing ran.", "send_at": DUE},
    "approval-missing": {**EDITION, "send_at": DUE, "seconds_left": 3600.0},
    "edition-sent": {
        **EDITION, "planned": 1000, "accepted": 990, "rejected": 4, "skipped": 2, "unknown": 4, "excluded": 31,
        "started_at": DUE, "finished_at": DUE + timedelta(minutes=3),
    },
    "edition-report": {**EDITION, "after": "day", "report": REPORT},
    "edition-paused": {**EDITION, "reason": "5.4 % of 2,000 copies were refused.", "accepted": 1892, "pending": 8000},
    "last-look": {**EDITION, "send_at": DUE, "changed": (("Old words", "New words"),), "gone": ("A lost story",)},
    "late-start": {**EDITION, "send_at": DUE, "started_at": DUE + timedelta(hours=2, minutes=5)},
    "thin-week": {"found": 2, "least": 3, "decided": "hold", "send_at": DUE, "edition": 12},
    "week-skipped": {"day": "2026-11-26", "next_at": DUE + timedelta(days=7)},
    "stories-dropped": {**EDITION, "send_at": DUE, "dropped": ("“A quiet vote” is left out: it is on hold.",)},
    "alerts": {"raised": (STUCK, SILENT), "ended": (SILENT,)},
}  # fmt: skip
