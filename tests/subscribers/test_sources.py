"""The files of other programs are known by their columns, and read as those programs mean them."""

from datetime import UTC, datetime

import pytest

from newsletter.errors import UsageError
from newsletter.subscribers.files import proposal, table
from newsletter.subscribers.files.lines import Line, Reader, moment
from newsletter.subscribers.files.proposal import Wishes
from newsletter.subscribers.files.sources import Standing
from tests.subscribers import exports

NOW = datetime(2026, 11, 27, tzinfo=UTC)
SINCE = datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def read(tmp_path):
    def read_(content, name="readers.csv", wishes=proposal.NO_WISHES, offered=()):
        path = tmp_path / name
        path.write_text(content)
        found = proposal.propose(path, wishes, offered)
        proposal.insist(found)
        reader = Reader(found, NOW)
        with table.opened(found.text) as rows:
            return found, [reader.read(number, cells) for number, cells in rows]

    return read_


@pytest.mark.parametrize(
    ("content", "source", "standings"),
    [
        (exports.GHOST, "Ghost", {"in": "subscribed", "out": "unsubscribed"}),
        (exports.SUBSTACK, "Substack", {"in": "subscribed", "out": "unsubscribed"}),
        (exports.LISTMONK, "listmonk", {"in": "subscribed", "out": "unsubscribed", "bad": "manual"}),
        (exports.SENDGRID, "SendGrid", {"in": "subscribed"}),
    ],
    ids=["Ghost", "Substack", "listmonk", "SendGrid"],
)
def test_a_programs_file_is_known_and_its_people_stand_as_they_did_there(read, content, source, standings):
    found, lines = read(content)
    assert found.source.name == source
    assert {line.email.partition("@")[0]: line.standing for line in lines} == standings
    assert {line.opted_in_at for line in lines} == {SINCE}


def test_first_and_last_name_make_a_name(read):
    _, (line,) = read("email,First Name,Last Name\nada@example.org,Ada,Byron\n")
    assert line.name == "Ada Byron"


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("suppression_bounces.csv", Standing.HARD_BOUNCE),
        ("suppression_invalid_emails.csv", Standing.HARD_BOUNCE),
        ("suppression_spam_reports.csv", Standing.COMPLAINT),
        ("suppression_global_unsubscribes.csv", Standing.UNSUBSCRIBED),
    ],
)
def test_sendgrids_suppression_lists_are_told_apart_by_their_names(read, name, standing):
    _, (line,) = read(exports.SENDGRID_BOUNCES, name)
    assert (line.standing, line.left_at) == (standing, SINCE)


@pytest.mark.parametrize("name", ["suppression_blocks.csv", "export.csv"])
def test_a_file_that_leaves_open_who_is_in_it_is_refused_rather_than_guessed_at(read, name):
    with pytest.raises(UsageError, match="who is in it"):
        read(exports.SENDGRID_BOUNCES, name)
    _, (line,) = read(exports.SENDGRID_BOUNCES, name, Wishes(people=Standing.COMPLAINT))
    assert line.standing == Standing.COMPLAINT


def test_a_mailchimp_file_with_another_name_asks_because_its_people_may_never_have_subscribed(read):
    content = f"Email Address,{exports.MAILCHIMP_TAIL}\nada@example.org,{exports.ROW}\n"
    with pytest.raises(UsageError, match="who is in it"):
        read(content, "march.csv")


def test_a_plain_file_may_say_what_each_person_is(read):
    _, lines = read("email,status\na@example.org,Active\nb@example.org,unsubscribed\nc@example.org,bounced\n")
    assert [line.standing for line in lines] == ["subscribed", "unsubscribed", "hard_bounce"]


def test_a_word_for_a_status_that_nobody_knows_refuses_the_line(read):
    with pytest.raises(UsageError, match="Its status is unknown: perhaps"):
        read("email,status\na@example.org,perhaps\n")
    with pytest.raises(UsageError, match="It has no status"):
        read("email,status\na@example.org,\n")


def test_what_is_said_of_the_whole_file_counts_more_than_a_column(read):
    _, (line,) = read("email,status\na@example.org,perhaps\n", wishes=Wishes(people=Standing.UNSUBSCRIBED))
    assert line.standing == Standing.UNSUBSCRIBED


def test_columns_can_be_said_by_name_or_number(read):
    wishes = Wishes(columns={"Courriel": "email", "#3": "name", "email": "-"})
    found, (line,) = read("Courriel,email,Nom\nada@example.org,not this,Ada\n", wishes=wishes)
    assert (line.email, line.name) == ("ada@example.org", "Ada")
    assert found.unread == ["email"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"Mail": "e-post"}, "cannot be mapped to e-post"),
        ({"Post": "email"}, "has no column called Post"),
        ({"x": "name"}, "has more than one column called x"),
        ({"#9": "name"}, "has no column called #9"),
    ],
)
def test_a_mapping_that_cannot_be_is_explained(read, columns, said):
    with pytest.raises(UsageError, match=said):
        read("Mail,x,x\nada@example.org,,\n", wishes=Wishes(columns=columns))


def test_two_columns_of_addresses_are_a_question_and_a_postal_address_is_none(read):
    with pytest.raises(UsageError, match=r"more than one column of addresses: #1 \(email\) and #2 \(email\)"):
        read("email,email\na@example.org,b@example.org\n")
    _, (line,) = read("Address,Email\n1 Main St,a@example.org\n")
    assert line.email == "a@example.org"


def test_groups_become_the_newsletters_topics_and_the_others_are_counted(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text('email,topics,Group\na@example.org,"africa; Sports","""Asien"",War\\, Peace"\n')
    wishes = Wishes(columns={"Group": "topics"}, topics={"Asien": "Asia-Pacific"})
    found = proposal.propose(path, wishes, ["Africa", "War, Peace"])
    reader = Reader(found, NOW)
    with table.opened(found.text) as rows:
        ((number, cells),) = rows
    assert reader.read(number, cells).topics == ("Asia-Pacific", "War, Peace")
    # The column that was named counts, and the one of the usual name no more
    assert dict(reader.strange) == {}
    found = proposal.propose(path, proposal.NO_WISHES, ["Africa"])
    reader = Reader(found, NOW)
    assert reader.read(number, cells).topics == ("Africa",)
    assert dict(reader.strange) == {"Sports": 1}


def test_a_column_that_holds_topics_is_pointed_out(read):
    found, _ = read('email,Interests here\na@example.org,"Cooking, Africa"\n')
    assert found.likely_topics(["Africa"]) == "Interests here"
    assert found.likely_topics(["Asia"]) == ""


def test_networks_are_shortened_before_anything_is_kept(read):
    wishes = Wishes(columns={"ip": "opted-in-ip", "cip": "confirmed-ip"})
    _, (line,) = read("email,ip,cip\na@example.org,203.0.113.77,2001:db8:7:9::1\n", wishes=wishes)
    assert isinstance(line, Line)
    assert (line.opted_in_network, line.confirmed_network) == ("203.0.113.0/24", "2001:db8:7::/48")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2021-02-03 04:05:06", SINCE),
        ("2021-02-03T04:05:06.000Z", SINCE),
        ("2021-02-03T05:05:06+01:00", SINCE),
        ("1612325106", SINCE),
        ("02/03/2021 04:05", SINCE.replace(second=0)),
        ("03.02.2021 04:05", SINCE.replace(second=0)),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("99999999999999", None),
        ("", None),
    ],
)
def test_moments_are_read_as_programs_write_them(text, found):
    assert moment(text) == found


def test_a_moment_that_cannot_be_evidence_is_left_out(read):
    _, lines = read("email,opted_in_at\na@example.org,2099-01-01 00:00:00\nb@example.org,1970-01-01 00:00:00\n")
    assert [line.opted_in_at for line in lines] == [None, None]
