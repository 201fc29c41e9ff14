"""SpamAssassin, offline, holds no mail for spam, and no rule of ours to avoid fires."""

import re
import subprocess
from datetime import UTC, datetime

import pytest

from newsletter.deliveries import send
from newsletter.editions.models import Edition
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content, slots_for
from tests.gates.mails import all_letters, all_mails
from tests.gates.tools import spamassassin

NEVER = re.compile(
    "MIME_HTML_ONLY|MPART_ALT_DIFF|MISSING_|MSGID_SHORT|LONG_INVISIBLE_TEXT|HTML_IMAGE_|HTML_FONT_LOW_CONTRAST"
    "|SUBJ_ALL_CAPS|T_REMOTE_IMAGE"
)
# A mail of few stories is mostly its photos; the rule scores next to nothing.
_PHOTOS = {"HTML_IMAGE_RATIO_02", "HTML_IMAGE_RATIO_04", "HTML_IMAGE_RATIO_06"}
ALLOWED = {(f"roundup-{week}", rule) for week in ("one-story", "correction", "right-to-left") for rule in _PHOTOS}
SPAM = "one picture"
# The same stories as in the good week, over and over.
LONG = {"roundup-forty-stories", "plain-forty-stories"}
TOKEN = "0" * 34
PIXEL = f'<img src="https://news.example.org/o/AAAA/{TOKEN}" width="1" height="1" alt="">'
READER = Reader(1, "reader@example.org", "Ada Obi", "5f0c9a3b7d21e846.1", slots_for(TOKEN, "Ada Obi", TOKEN, PIXEL))
OF_LETTER = Reader(1, "reader@example.org", "Ada Obi", "letter.5f0c9a3b7d21e846", {})


def message(made):
    """As a reader gets it who agreed to be counted, where the mail counts."""
    headers = send.headers(Edition(), "even-keel", send.ways_out())
    content = Content(("The Even Keel", "desk@keel.example"), "", made.subject, made.html, made.text, headers)
    return bytes(BatchMailing(content, "b", 1, datetime.now(UTC)).message(READER))


def letter(content):
    return bytes(BatchMailing(content, "b", 1, datetime.now(UTC)).message(OF_LETTER))


def one_picture():
    """What spam often is: a single picture in a link, and no text."""
    html = (
        '<!DOCTYPE html><html><body><a href="https://x.example/"><img src="https://x.example/a.jpg"></a></body></html>'
    )
    raw = message(all_mails()["roundup-one-story"]).partition(b"\r\n\r\n")[0]
    raw = re.sub(rb"Content-Type: .*?(?=\r\n\S|\Z)", b"Content-Type: text/html", raw, flags=re.DOTALL)
    return raw + b"\r\n\r\n" + html.encode()


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Score and fired rules by name, of all in one run: to start takes the program longer than to judge."""
    made = {name: message(mail) for name, mail in all_mails().items() if name not in LONG}
    made |= {name: letter(content) for name, content in all_letters().items()} | {SPAM: one_picture()}
    folder = tmp_path_factory.mktemp("spam")
    files = [folder / f"{number:02}.eml" for number in range(len(made))]
    for file, raw in zip(files, made.values(), strict=True):
        file.write_bytes(raw)
    command = [spamassassin(), "-L", "-t", "--cf=dns_available no", "--cf=use_bayes 0", *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=240)
    said = re.findall(
        r"^X-Spam-Status: \w+, score=(-?[\d.]+)\s.*?tests=(.*?)\s(?:autolearn|shortcircuit)",
        done.stdout.decode(errors="replace"),
        re.DOTALL | re.MULTILINE,
    )
    assert len(said) == len(made), done.stderr.decode()[:500]
    return {
        name: (float(score), re.sub(r"\s", "", rules).split(","))
        for name, (score, rules) in zip(made, said, strict=True)
    }


def test_every_mail_and_letter_scores_zero_or_less_and_keeps_clear_of_the_rules_to_avoid(judged):
    of_ours = {name: said for name, said in judged.items() if name != SPAM}
    avoided = {
        (name, rule) for name, (_, rules) in of_ours.items() for rule in rules if NEVER.match(rule)
    } - ALLOWED  # fmt: skip
    assert avoided == set()
    assert {name: said for name, said in of_ours.items() if said[0] > 0} == {}
    assert {*all_letters(), "roundup-counted"} <= of_ours.keys()


def test_a_mail_that_is_one_picture_scores_more(judged):
    score, rules = judged[SPAM]
    assert score > 0
    assert any(NEVER.match(rule) for rule in rules)
