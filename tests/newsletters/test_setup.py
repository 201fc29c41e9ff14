"""Adding and changing newsletters: what would break a mail later is refused now."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from newsletter.errors import UsageError
from newsletter.newsletters import sections, setup
from newsletter.newsletters.models import AuditEntry, Newsletter
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NEEDED = {"sender_name": "The M", "sender_email": "desk@m.example", "postal_address": "1 Harbour Street\nPort Ellis"}


def add(name="The Meridian", **values):
    return setup.add(name, {**NEEDED, **values}, [], None)


def test_a_newsletter_starts_with_two_sections_and_is_written_down():
    newsletter = add()
    assert newsletter.slug == "the-meridian"
    assert list(newsletter.sections.values_list("name", "is_lead")) == [("Lead", True), ("This week", False)]
    assert AuditEntry.objects.get().verb == "add"


@pytest.mark.parametrize("name", ["Ведомости", "週刊", "المجلة", "★"])
def test_a_name_in_any_script_can_be_used(name):
    newsletter = add(name)
    assert len(newsletter.slug) == 8
    assert setup.found(newsletter.slug).name == name


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sender_email": ""}, "sender email"),
        ({"sender_email": "desk"}, "sender email"),
        ({"sender_email": "desk@m.example\r\nBcc: x@y.z"}, "sender email"),
        ({"reply_to": "a@b.c, d@e.f"}, "reply to"),
        ({"sender_name": "The\r\nBcc: x@y.z"}, "sender name: it has to be one line"),
        ({"tagline": "one\ntwo"}, "tagline: it has to be one line"),
        ({"tagline": "\x1b[2J"}, "tagline"),
        ({"name": "x" * 101}, "name"),
        ({"postal_address": ""}, "postal address"),
        ({"postal_address": "x\x1b[2J"}, "postal address"),
        ({"home_url": "javascript:alert(1)"}, "home url"),
        ({"language": "english, please"}, "language"),
        ({"language": 'en"><x'}, "language"),
        ({"accent": "red"}, "accent: 'red' is no colour"),
        ({"accent": "#12345"}, "accent"),
        ({"accent": "#9b1c1f;}"}, "accent"),
    ],
)
def test_what_would_break_a_mail_is_refused_and_nothing_is_kept(values, said):
    name = values.pop("name", "The Meridian")
    with pytest.raises(UsageError, match=said):
        add(name, **values)
    assert not Newsletter.objects.exists()


def test_a_name_that_is_taken_is_refused():
    add("The Meridian")
    with pytest.raises(UsageError, match="There is a newsletter the-meridian already"):
        add("the meridian!")


def test_a_change_that_is_refused_changes_nothing():
    newsletter = add()
    with pytest.raises(UsageError):
        setup.change(newsletter, {"tagline": "New", "accent": "red"}, [], None)
    kept = Newsletter.objects.get()
    assert (kept.tagline, kept.accent) == ("", "#9b1c1f")


def test_the_only_newsletter_needs_no_name_and_of_several_one_is_named():
    with pytest.raises(UsageError, match="no newsletter yet"):
        setup.found(None)
    one = add()
    assert setup.found(None) == one
    add("Another")
    with pytest.raises(UsageError, match="several newsletters; name one"):
        setup.found(None)
    with pytest.raises(UsageError, match="Did you mean another"):
        setup.found("anoter")


@pytest.mark.parametrize(("text", "day"), [("monday", 0), ("THU", 3), ("Sunday", 6)])
def test_a_weekday_may_be_shortened(text, day):
    assert setup.weekday(text) == day


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((setup.weekday, text) for text in ("", "t", "day", "3", "donnerstag")),
        *((setup.clock, text) for text in ("", "7", "7am", "24:00", "07:60", "07:00+02:00", "07:00:00.5", "-1:00")),
        *((setup.zone, text) for text in ("", "New York", "../../etc/passwd", "/etc/passwd", "EST5EDTX", "\0")),
        *((setup.hours, text) for text in ("", "x", "-1", "nan", "inf", "-inf", "169", "1e9")),
    ],
)
def test_what_is_no_day_time_zone_or_number_is_refused(read, text):
    with pytest.raises(UsageError):
        read(text)


def test_a_zone_that_is_nearly_right_is_guessed():
    with pytest.raises(UsageError, match="Did you mean America/New_York"):
        setup.zone("America/NewYork")


def test_times_and_hours_are_read():
    assert setup.clock("07:30") == time(7, 30)
    assert setup.hours("1.5") == timedelta(minutes=90)
    assert setup.zone("Asia/Kathmandu") == "Asia/Kathmandu"


@time_machine.travel("2026-11-23 12:00+00:00")
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-26T07:00", "2026-11-26 12:00"),
        (" 2026-11-26 07:00 ", "2026-11-26 12:00"),
        ("2026-11-26T07:00+02:00", "2026-11-26 05:00"),
        ("2026-11-26T07:00Z", "2026-11-26 07:00"),
        ("2027-03-14T02:30", "2027-03-14 07:30"),  # an hour that New York skips: the moment the clock jumps, and 30 min
        ("2026-11-01T01:30", "2026-11-01 05:30"),  # an hour that it has twice: the first
    ],
)
def test_a_moment_is_wall_clock_time_unless_it_names_its_offset(text, moment):
    assert setup.moment(text, "America/New_York") == builders.at(moment)


@time_machine.travel("2026-11-23 12:00+00:00")
@pytest.mark.parametrize("text", ["", "x", "2062-11-26T07:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "١٢"])
def test_a_moment_that_is_none_or_far_away_is_refused(text):
    with pytest.raises(UsageError):
        setup.moment(text, "America/New_York")


def test_now_is_within_reach():
    now = datetime.now(UTC)
    assert setup.moment(now.isoformat(), "UTC") == now


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("Lead: lead", sections.Frame("Lead", 1, True)),
        ("Lead: lead; cap=5", sections.Frame("Lead", 1, True)),
        ("Africa", sections.Frame("Africa")),
        ("Africa:", sections.Frame("Africa")),
        (" Africa : topic = Africa ; cap=4;", sections.Frame("Africa", 4, False, {"topics": ["Africa"]})),
        (
            "A: kind=Analysis; kind=Essay; feed=3",
            sections.Frame("A", 6, False, {"kinds": ["Analysis", "Essay"], "feeds": [3]}),
        ),
        ("Африка: topic=Африка", sections.Frame("Африка", 6, False, {"topics": ["Африка"]})),
    ],
)
def test_a_section_is_read_from_one_line(text, frame):
    assert sections.read(text) == frame


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs a name"),
        (": lead", "needs a name"),
        ("x" * 81, "needs a name"),
        ("A\nB: lead", "needs a name"),
        ("A: cap=0", "cannot read 'cap=0'"),
        ("A: cap=100", "cannot read"),
        ("A: cap=-1", "cannot read"),
        ("A: cap=1e3", "cannot read"),
        ("A: cap=" + "9" * 5000, "cannot read"),
        ("A: feed=x", "cannot read"),
        ("A: feed=" + "9" * 30, "cannot read"),
        ("A: topic=", "cannot read"),
        ("A: topc=Africa", "Did you mean topic?"),
    ],
)
def test_a_section_that_cannot_be_read_is_refused_by_its_word(text, said):
    with pytest.raises(UsageError) as refused:
        sections.read(text)
    assert said in str(refused.value)


def test_what_is_written_can_be_read_again():
    newsletter = builders.make_newsletter(frames=("Lead: lead", "Африка: topic=Африка; cap=4", "B: kind=X; feed=2"))
    frames = [sections.read(sections.written(section)) for section in newsletter.sections.order_by("position")]
    sections.replace_all(newsletter, frames)
    assert [sections.written(section) for section in newsletter.sections.order_by("position")] == [
        "Lead: lead",
        "Африка: cap=4; topic=Африка",
        "B: cap=6; kind=X; feed=2",
    ]


@pytest.mark.parametrize("names", [("Africa", "AFRICA!"), ("A: lead", "B: lead")])
def test_two_sections_of_one_name_and_two_leads_are_refused(names):
    newsletter = builders.make_newsletter()
    before = list(newsletter.sections.values())
    with pytest.raises(UsageError, match="its own name"):
        sections.replace_all(newsletter, [sections.read(text) for text in names])
    assert list(newsletter.sections.values()) == before


def test_the_lead_may_change_hands():
    newsletter = builders.make_newsletter(frames=("A: lead", "B"))
    sections.replace_all(newsletter, [sections.read("A"), sections.read("B: lead")])
    assert list(newsletter.sections.filter(is_lead=True).values_list("name", flat=True)) == ["B"]
