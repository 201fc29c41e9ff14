"""What an entry of the record says was done, in the words of whoever reads it."""

DONE = {
    "active": "let in or shut out",
    "add": "added",
    "approve": "approved",
    "believe": "believed",
    "brand": "changed the looks of",
    "cancel": "cancelled",
    "correct": "began a correction of",
    "date": "dated anew",
    "disbelieve": "did not believe",
    "drop": "dropped stories from",
    "edit": "changed",
    "embargo": "set when to print",
    "end-sessions": "ended the sessions of",
    "erase": "erased",
    "export": "exported",
    "finish": "finished sending",
    "hold": "held",
    "login": "logged in as",
    "login-link": "sent a login link to",
    "mark": "added a correction to",
    "move": "moved",
    "password": "chose a password for",
    "pause": "paused",
    "pin": "pinned",
    "preview-link": "made a preview link to",
    "preview-link-end": "ended the preview links to",
    "ramp": "changed how many readers get",
    "recovery-code-used": "used a recovery code of",
    "recovery-codes": "made recovery codes for",
    "release": "released",
    "remove": "removed",
    "reopen": "opened again",
    "repoint": "led a link elsewhere in",
    "resolve": "decided about",
    "resume": "resumed",
    "retry": "tried again",
    "schedule": "scheduled",
    "second-step": "changed the second step of",
    "set": "changed the settings of",
    "skip": "skipped",
    "staff": "gave a role to",
    "suppress": "suppressed",
    "take back a waiver": "took back a waiver about",
    "take-back": "took back",
    "test": "sent a test of",
    "undo": "undid a change of",
    "unlock": "unlocked",
    "unpin": "unpinned",
    "waive": "waived a finding about",
}


def done(verb: str) -> str:
    """A verb of the record as a person would say it.

    >>> done("preview-link")
    'made a preview link to'
    """
    return DONE.get(verb, verb.replace("-", " "))
