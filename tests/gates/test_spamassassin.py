"""SpamAssassin, offline, holds no mail for spam, and no rule of ours to avoid fires."""

import re
import subprocess
from datetime import UTC, datetime

import pytest

from newsletter import links
from newsletter.mail.slots import TOKEN
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content, slots_for
from tests.gates.mails import all_letters, all_mails
from tests.gates.tools import spamassassin

NEVER = re.compile(
    "MIME_HTML_ONLY|MPART_ALT_DIFF|MISSING_|MSGID_SHORT|LONG_INVISIBLE_TEXT|HTML_IMAGE_|HTML_FONT_LOW_CONTRAST"
    "|SUBJ_ALL_CAPS|T_REMOTE_IMAGE"
)
LETTERS = ("confirmation", "edition-sent")
MAILS = ("roundup-good", "roundup-ugly", "roundup-one-story", "plain-good")
# A mail of a single story is mostly its photo; the rule scores next to nothing.
ALLOWED = {"roundup-one-story": {"HTML_IMAGE_RATIO_02", "HTML_IMAGE_RATIO_04", "HTML_IMAGE_RATIO_06"}}
READER = Reader(1, "reader@example.org", "Ada Obi", "5f0c9a3b7d21e846.1", slots_for("0" * 34, "Ada Obi"))


def message(made):
    headers = (
        ("List-Unsubscribe", f"<{links.unsubscribe(TOKEN)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-ID", "<even-keel.news.example.org>"),
    )
    content = Content(("The Even Keel", "desk@keel.example"), "", made.subject, made.html, made.text, headers)
    return bytes(BatchMailing(content, "b", 1, datetime.now(UTC)).message(READER))


def judged(raw):
    """The score, and the rules that fired."""
    command = [spamassassin(), "-L", "-t", "--cf=dns_available no", "--cf=use_bayes 0"]
    done = subprocess.run(command, input=raw, capture_output=True, check=False, timeout=120)
    said = done.stdout.decode(errors="replace")
    score = re.search(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", said, re.MULTILINE)
    assert score, done.stderr.decode()[:500]
    tests = re.search(r"tests=(.*?)\s(?:autolearn|shortcircuit)", said, re.DOTALL)
    return float(score[1]), re.sub(r"\s", "", tests[1] if tests else "").split(",")


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_scores_zero_or_less(name):
    reader = Reader(1, "reader@example.org", "Ada Obi", "letter.5f0c9a3b7d21e846", {})
    score, rules = judged(bytes(BatchMailing(all_letters()[name], "b", 1, datetime.now(UTC)).message(reader)))
    assert [rule for rule in rules if NEVER.match(rule)] == []
    assert score <= 0, rules


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_scores_zero_or_less(name):
    score, rules = judged(message(all_mails()[name]))
    assert [rule for rule in rules if NEVER.match(rule) and rule not in ALLOWED.get(name, ())] == []
    assert score <= 0, rules


def test_a_mail_that_is_one_picture_scores_more():
    made = all_mails()["roundup-one-story"]
    picture = (
        '<!DOCTYPE html><html><body><a href="https://x.example/"><img src="https://x.example/a.jpg"></a></body></html>'
    )
    raw = message(made).partition(b"\r\n\r\n")[0]
    raw = re.sub(rb"Content-Type: .*?(?=\r\n\S|\Z)", b"Content-Type: text/html", raw, flags=re.DOTALL)
    score, rules = judged(raw + b"\r\n\r\n" + picture.encode())
    assert score > 0
    assert any(NEVER.match(rule) for rule in rules)
