"""Slots are found in a finished mail, and content can never look like one."""

from newsletter.mail.slots import CLICK, NAME, NAME_HTML, SLOTS, TOKEN, neutralise, slots_in


def test_slots_are_found_in_order_and_as_often_as_they_occur():
    assert slots_in(f"{NAME_HTML} https://x.example/u/{TOKEN}?c={CLICK} {TOKEN} {NAME}") == [
        NAME_HTML,
        TOKEN,
        CLICK,
        TOKEN,
        NAME,
    ]


def test_words_between_at_signs_that_name_no_slot_are_not_slots():
    assert slots_in("@@OTHER@@ a@b.example @@token@@") == []


def test_neutral_content_holds_no_slot_however_the_signs_pile_up():
    for hostile in [*SLOTS, "@@@TOKEN@@@", "@" * 7, f"a{TOKEN}{NAME}b"]:
        assert "@@" not in neutralise(hostile)
        assert slots_in(neutralise(hostile)) == []


def test_neutral_content_reads_the_same_and_ordinary_addresses_are_left_alone():
    assert neutralise(TOKEN).replace("\u2060", "") == TOKEN
    assert neutralise("write to ada@example.org") == "write to ada@example.org"
