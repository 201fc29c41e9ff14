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

FACTS = {
    "draft-ready": {**EDITION, "stories": 14, "send_at": DUE, "remarks": ("Two photos have no credit.",)},
    "edition-held": {**EDITION, "reason": "Its time passed while nothing ran.", "send_at": DUE},
    "approval-missing": {**EDITION, "send_at": DUE, "seconds_left": 3600.0},
    "edition-sent": {
        **EDITION, "planned": 1000, "accepted": 990, "rejected": 4, "skipped": 2, "unknown": 4, "excluded": 31,
        "started_at": DUE, "finished_at": DUE + timedelta(minutes=3),
    },
    "edition-paused": {**EDITION, "reason": "5.4 % of 2,000 copies were refused.", "accepted": 1892, "pending": 8000},
    "last-look": {**EDITION, "send_at": DUE, "changed": (("Old words", "New words"),), "gone": ("A lost story",)},
    "late-start": {**EDITION, "send_at": DUE, "started_at": DUE + timedelta(hours=2, minutes=5)},
    "thin-week": {"found": 2, "least": 3, "decided": "hold", "send_at": DUE, "edition": 12},
    "week-skipped": {"day": "2026-11-26", "next_at": DUE + timedelta(days=7)},
    "alerts": {"raised": (STUCK, SILENT), "ended": (SILENT,)},
}  # fmt: skip
