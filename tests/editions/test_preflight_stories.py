"""What preflight reads off an edition's content: embargoes, what is missing, pictures, dates. Requirement F-08."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.editions.preflight_findings import Variant, block, report, warn
from newsletter.editions.preflight_stories import Facts, Known, PictureFile, stories
from tests.mail.samples import everything, one_story, sample_week

SEND = datetime(2026, 11, 26, 12, tzinfo=UTC)
FINE = {"alt": "A bridge at dusk", "credit": "Ada Obi", "width": 1200, "height": 800, "url": "https://x.example/a.jpg"}


def week(**changes):
    """One story, the lead, with these changes."""
    made = one_story()
    (item,) = everything(made)
    item |= {"image": dict(FINE), **changes}
    return made, item


def codes(made, **facts):
    return {each.code: each for each in stories(made, Facts(goes_out=SEND, **facts))}


def test_a_good_week_has_nothing_to_say():
    made = sample_week()
    for item in everything(made):
        if item["type"] == "article":
            item |= {"image": dict(FINE), "dek": "What it means.", "byline": [{"name": "Ada Obi", "role": ""}]}
    made["edition"] |= {"subject": "The ceasefire", "preheader": "Also: rice and rivers, a war powers clock, a cable"}
    assert codes(made) == {}


def test_what_is_under_embargo_when_it_goes_out_blocks_and_what_is_free_by_then_does_not():
    made, item = week()
    assert codes(made, known={item["id"]: Known(embargo_until=SEND + timedelta(minutes=1))})["embargo"].blocks
    assert codes(made, known={item["id"]: Known(embargo_until=SEND)}) == {}


def test_a_held_story_blocks():
    made, item = week()
    assert codes(made, known={item["id"]: Known(held=True)})["on-hold"].blocks


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no-byline", {"byline": [{"name": " ", "role": ""}]}),
        ("no-dek", {"dek": ""}),
        ("no-picture", {"image": None}),
        ("no-credit", {"image": {**FINE, "credit": " "}}),
        ("picture-format", {"image": {**FINE, "url": "https://x.example/a.webp"}}),
        ("picture-size", {"image": {**FINE, "width": 400}}),
        ("future-date", {"published": (SEND + timedelta(hours=1)).isoformat()}),
    ],
)
def test_what_only_warns(code, changes):
    made, item = week(**changes)
    found = codes(made)
    assert found.keys() == {code}
    assert (found[code].waivable, found[code].item) == (True, item["id"])


def test_an_empty_alt_is_right_beside_a_headline():
    assert codes(week(image={**FINE, "alt": ""})[0]) == {}


def test_what_a_server_says_of_a_picture_counts_more_than_its_name():
    made, _ = week()
    assert codes(made, files={FINE["url"]: PictureFile("image/webp", 10)}).keys() == {"picture-format"}


def test_pictures_are_weighed_together():
    made, _ = week()
    assert codes(made, files={FINE["url"]: PictureFile("image/jpeg", 500_000)}) == {}
    assert codes(made, files={FINE["url"]: PictureFile("image/jpeg", 500_001)}).keys() == {"pictures-heavy"}


def test_a_story_that_another_edition_sent_is_named_with_it():
    made, item = week()
    assert "Keel No. 11" in codes(made, known={item["id"]: Known(also_in="Keel No. 11")})["already-sent"].words


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"subject": "x" * 61}, "subject-length"),
        ({"preheader": ""}, "preheader"),
        ({"preheader": "Short"}, "preheader-length"),
        ({"preheader": "x" * 131}, "preheader-length"),
    ],
)
def test_the_inbox_line_is_measured(words, code):
    made, _ = week()
    made["edition"] |= {"subject": "The bridge", "preheader": "What the bridge means for those who cross it", **words}
    assert codes(made).keys() == {code}


@pytest.mark.parametrize(
    "image", [{**FINE, "alt": "the map"}, {**FINE, "url": "https://x.example/IMG_0042.jpg", "alt": "IMG 0042"}]
)
def test_what_is_said_of_a_picture_is_looked_at_where_the_mail_says_it(image):
    # Given a promotion, whose picture stands by itself, and an article, whose picture stands beside its headline
    made, item = week(title="The Map", image=image)
    assert codes(made) == {}
    item |= {"type": "promotion", "label": "Sponsored", "sponsor": "Harbour Maps", "button": "See it"}
    assert codes(made).keys() == {"poor-alt"}


def test_a_finding_names_the_copies_that_have_it_unless_all_do():
    # Given two copies, one of which is too large, and both of which are faint
    full, africa = Variant("", (), 900, 1, 1, ""), Variant("x", ("Africa",), 30, 1, 1, "")
    of = {each.name: lambda code, name=each.name: replace(warn(code, "Hm."), copies=(name,)) for each in (full, africa)}
    told = report([of["full edition"]("faint"), of["Africa"]("faint"), of["Africa"]("size")], {}, [full, africa])
    # Then that is said, once, to people and to programs
    assert [(each.code, each.copies) for each in told.findings] == [("faint", ()), ("size", ("Africa",))]
    assert [each.told for each in told.findings] == ["Hm.", "Hm. Only in the copy for: Africa."]
    assert [each["copies"] for each in told.as_json()["findings"]] == [(), ("Africa",)]


def test_each_finding_is_told_once_however_many_variants_have_it_and_what_blocks_comes_first():
    twice = warn("size", "Large.", part="mail")
    told = report([twice, twice, block("embargo", "Not yet.", item=3)], {})
    assert [each.code for each in told.findings] == ["embargo", "size"]


def test_a_waiver_counts_for_warnings_only():
    told = report(
        [warn("no-credit", "…", item=3), block("embargo", "…", item=3)],
        {"no-credit:3": "A handout", "embargo:3": "Never mind"},
    )
    assert [each.waived for each in told.waived] == ["A handout"]
    assert [each.code for each in told.blocking] == ["embargo"]
    assert told.warnings == ()


def test_a_waiver_is_about_one_address():
    one, other = (
        warn("dead-outside-link", "…", part="note", about=url) for url in ("https://a.example/", "https://b.example/")
    )
    assert one.key != other.key
