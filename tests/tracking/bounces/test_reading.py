"""What returned mail says: our own corpus, in the shapes of many servers (T-18)."""

from pathlib import Path

import pytest

from newsletter.tracking.bounces.read import read
from tests.tracking.bounces import bounced, others, reports, shapes
from tests.tracking.bounces.shapes import Case

RETURNED = [*reports.CASES, *bounced.CASES]
ALL = [*RETURNED, *others.CASES]


# Thirty messages, written and judged by somebody who had not seen the tables; docs/benchmarks.md has how many were read
# rightly at first. One is read otherwise on purpose: a domain whose MX records are broken may be mended tomorrow.
# The second file's first 77 were written before its author looked at the tables, the 52 after them in other words than
# the tables have. Four are read otherwise on purpose: who writes too fast or is greylisted is told to slow down, a
# greylisting that does not say so is like any fault, and a bare number proves nobody dead.
UNSEEN = [
    (*told.partition("\n")[0].split(), told.partition("\n")[2])
    for name in ("unseen.txt", "unseen_2.txt")
    for told in Path(__file__).with_name(name).read_text(encoding="utf-8").split("=== ")[1:]
]
ON_PURPOSE = {
    "exim_no_such_domain": "soft",
    "postfix_greylisted_until_the_end": "block",
    "gmail_receiving_too_fast": "block",
    "wordless_5_0_0": "soft",
    "mimecast_greylist": "soft",
}


def ids(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", RETURNED, ids=ids)
def test_a_bounce_or_complaint_is_read_as_what_it_is(case: Case) -> None:
    found = read(case.raw)
    assert (str(found.kind), found.address, found.status) == (case.kind, case.address, case.status)


@pytest.mark.parametrize("case", others.CASES, ids=ids)
def test_what_is_no_bounce_is_not_taken_for_one(case: Case) -> None:
    assert str(read(case.raw).kind) == case.kind


def test_messages_that_nobody_wrote_the_tables_for_are_read_as_people_judged_them() -> None:
    assert len(UNSEEN) == 159
    for name, judged, text in UNSEEN:
        assert (name, str(read(text.encode()).kind)) == (name, ON_PURPOSE.get(name, judged))


def test_the_corpus_is_large_enough_and_names_no_case_twice() -> None:
    assert len(RETURNED) >= 80
    assert len(others.HARMLESS) >= 20
    assert len({case.name for case in ALL}) == len(ALL)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r", b"\r\r\n"], ids=["LF", "CRLF", "CR", "CRCRLF"])
def test_line_ends_change_nothing(ending: bytes) -> None:
    for case in ALL:
        assert read(case.raw.replace(b"\n", ending)) == read(case.raw), case.name


def test_neither_do_an_mbox_line_a_byte_order_mark_and_nul_bytes() -> None:
    for case in ALL[::3]:
        for before in (b"From MAILER-DAEMON Thu Nov 26 12:00:04 2026\n", b"\xef\xbb\xbf", b"\n\n", b">From x\n"):
            assert read(before + case.raw) == read(case.raw), case.name
        assert read(case.raw.replace(b"a", b"a\0")) == read(case.raw), case.name


def test_the_words_of_the_returned_mail_are_never_taken_for_the_servers() -> None:
    # Given a server that says nothing but returns a mail full of telling words
    found = read(shapes.qmail("").encode())
    # Then nobody is held to be dead
    assert str(found.kind) == "soft"
