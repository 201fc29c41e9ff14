"""Readers from a file: every line is taken or refused with its reason, and nobody comes back who left."""

import csv
import tracemalloc

import pytest

from newsletter.errors import UsageError
from newsletter.subscribers import addresses, consent, importer, intake, names
from newsletter.subscribers.files import table, text
from newsletter.subscribers.models import Consent, Subscriber, Subscription, Suppression
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def emails():
    return sorted(Subscriber.objects.values_list("email", flat=True))


def test_readers_are_added_with_their_consent(imported, newsletter):
    result = imported("email,name\nada@example.org,Ada Byron\neve@example.org,\n")
    assert dict(+result.counts) == {"added": 2}
    assert not result.refused
    assert list(Subscriber.objects.order_by("email").values_list("email", "name")) == [
        ("ada@example.org", "Ada Byron"),
        ("eve@example.org", ""),
    ]
    assert set(Subscription.objects.values_list("newsletter", "status")) == {(newsletter.pk, "active")}
    assert list(Consent.objects.values_list("status", "source", "detail")) == [("active", "import", "readers.csv")] * 2


def test_a_broken_line_is_refused_alone_and_by_its_number(imported):
    result = imported("email,name\nada@example.org,Ada\nnonsense,X\n\n,\n,Nobody\neve@example.org\n")
    assert [(each.line, each.reason) for each in result.shown] == [
        (3, "An email address must have an @-sign"),
        (6, "An email address must have an @-sign"),
    ]
    assert emails() == ["ada@example.org", "eve@example.org"]
    assert result.theirs == 4


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffemail,name\nada@example.org,Ada\n",
        "email;name\nada@example.org;Ada\n",
        "email\tname\nada@example.org\tAda\n",
        '"Name","E-Mail","Notes"\r\n"Ada","ada@example.org","a, b"\r\n',
        "Name;Email Address\rAda;ada@example.org\r",
        "\n".join(["EMAIL , NAME", " ada@example.org , Ada"]),
    ],
    ids=["byte order mark", "semicolons", "tabs", "quoted, another order", "old Mac line ends", "no last line end"],
)
def test_the_files_of_many_programs_are_read(imported, content):
    assert not imported(content).refused
    assert list(Subscriber.objects.values_list("email", "name")) == [("ada@example.org", "Ada")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no column called email; its first line is: empty"),
        ("ada@example.org,Ada\n", "its first line is: ada@example.org,Ada"),
        ("e,n\nada@example.org,Ada\n", "no column called email"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "is a picture, not a CSV file"),
    ],
    ids=["empty", "no header", "no email column", "a picture"],
)
def test_a_file_without_an_email_column_is_refused_as_a_whole(imported, content, said):
    with pytest.raises(UsageError, match=said):
        imported(content)
    assert emails() == []


def test_a_file_that_is_not_there_is_refused(newsletter, tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        list(importer.import_csv(tmp_path / "none.csv", newsletter, None))


def test_a_nul_byte_refuses_its_line(imported):
    result = imported(b"email,name\na\0da@example.org,Ada\neve@example.org,E\0ve\nmia@example.org,Mia\n")
    assert [each.line for each in result.shown] == [2, 3]
    assert emails() == ["mia@example.org"]


def test_a_quotation_mark_that_nobody_closed_costs_its_line_only(imported):
    readers = [f"reader{number}@example.org,R\n" for number in range(3000)]
    result = imported("email,name\n" + 'ada@example.org,"Ada\n' + "".join(readers))
    assert [(each.line, each.reason) for each in result.shown] == [(2, "A quotation mark is not closed")]
    assert result.counts["added"] == 3000


def test_a_quotation_mark_in_the_wrong_place_costs_its_line_only(imported):
    result = imported('email,name\nada@example.org,"Ada" Byron\neve@example.org,"Eve"\nmia@example.org,Mia "M" M\n')
    assert [each.line for each in result.shown] == [2]
    assert emails() == ["eve@example.org", "mia@example.org"]


def test_a_quoted_cell_may_run_over_lines(imported):
    result = imported('name,email,notes\n"Ada\nByron",ada@example.org,"one\ntwo"\nEve,nonsense,\n')
    assert Subscriber.objects.get().name == "Ada Byron"
    assert [each.line for each in result.shown] == [5]


def test_an_endless_line_is_refused_without_being_read_into_memory(imported):
    long = "x" * (table.LONGEST_LINE * 50)
    tracemalloc.start()
    result = imported(f"email,name\n{long}@example.org,{long}\nada@example.org,Ada\n")
    assert [each.line for each in result.shown] == [2]
    assert emails() == ["ada@example.org"]
    tracemalloc.stop()


def test_an_address_that_stands_twice_is_taken_once(imported):
    result = imported("email,name\nada@müller.example,A\nADA@xn--mller-kva.example,B\n")
    assert [(each.line, each.reason) for each in result.shown] == [(3, "This address stands in the file already")]
    assert Subscriber.objects.get().name == "A"


def test_importing_again_changes_nothing(imported):
    content = "email,name\nada@example.org,Ada\neve@example.org,Eve\n"
    imported(content)
    assert dict(+imported(content).counts) == {"present": 2}
    assert (Subscriber.objects.count(), Consent.objects.count()) == (2, 2)


def test_a_file_cut_off_in_the_middle_goes_on_when_imported_again(newsletter, tmp_path, monkeypatch):
    # Given an import that died after its first chunk
    monkeypatch.setattr(importer, "CHUNK", 4)
    file = tmp_path / "readers.csv"
    file.write_text("email,name\n" + "".join(f"reader{n}@example.org,R{n}\n" for n in range(10)))
    next(importer.import_csv(file, newsletter, None))
    assert Subscriber.objects.count() == 4
    # When it is run again, the rest comes in
    result = list(importer.import_csv(file, newsletter, None))[-1]
    assert (dict(+result.counts), result.resumed_at) == ({"added": 10}, 5)
    assert result.adds_up
    assert Consent.objects.count() == 10


def test_who_left_stays_gone(imported, newsletter):
    imported("email\nada@example.org\n")
    consent.unsubscribe(Subscription.objects.get(), Consent.Source.PAGE)
    assert dict(+imported("email,name\nADA@example.org,Ada\n").counts) == {"left": 1}
    assert Subscription.objects.get().status == "unsubscribed"
    assert Consent.objects.count() == 2


def test_who_waits_for_confirmation_is_not_activated(imported, newsletter):
    builders.add_readers(newsletter, 1, status="pending")
    assert dict(+imported("email\nreader0@example.org\n").counts) == {"present": 1}
    assert Subscription.objects.get().status == "pending"


def test_a_suppressed_address_is_not_added(imported):
    Suppression.objects.create(address_key=addresses.key("ada@example.org"), reason="complaint")
    assert dict(+imported("email\nada@example.org\n").counts) == {"suppressed": 1}
    assert not Subscriber.objects.exists()


def test_leaving_one_newsletter_does_not_bar_from_another(imported, newsletter):
    other = builders.make_newsletter("Another")
    (reader,) = builders.add_readers(other, 1)
    consent.unsubscribe(reader, Consent.Source.PAGE)
    assert dict(+imported("email\nreader0@example.org\n").counts) == {"added": 1}
    assert set(Subscription.objects.values_list("newsletter__slug", "status")) == {
        ("another", "unsubscribed"),
        ("the-meridian", "active"),
    }


def test_a_dry_run_counts_and_changes_nothing(imported, newsletter):
    builders.add_readers(newsletter, 1)
    before = [model.objects.count() for model in (Subscriber, Subscription, Consent)]
    result = imported("email\nreader0@example.org\nada@example.org\nnonsense\n", dry_run=True)
    assert dict(+result.counts) == {"added": 1, "present": 1}
    assert result.refused == 1
    assert [model.objects.count() for model in (Subscriber, Subscription, Consent)] == before


def test_a_name_is_one_line_without_control_characters(imported):
    imported('email,name\nada@example.org,"\tAda\x1b]0;x\x07\u2028  Byron\n"\neve@example.org,' + "E" * 500 + "\n")
    assert [each.name for each in Subscriber.objects.order_by("email")] == ["Ada ]0;x Byron", "E" * 200]


@pytest.mark.parametrize(
    "name", ["می\u200cرود", "👩\u200d👩\u200d👧", "Zoe\u0308", "<b>O'Brien</b>", "=1+1", "@@TOKEN@@"]
)
def test_a_name_that_looks_odd_is_kept_as_it_is(name):
    assert names.clean(f" {name} ") == name


def test_a_reader_who_signs_up_at_that_very_moment_does_not_stop_the_import(newsletter, imported, monkeypatch):
    # Given somebody who subscribes between the look at who is there and the writing
    known = intake.known

    def late(*arguments):
        found = known(*arguments)
        monkeypatch.setattr(intake, "known", known)
        consent.add("ada@example.org", "Ada", newsletter, None, "signed up")
        return found

    monkeypatch.setattr(intake, "known", late)
    # When the file with the same address is imported
    result = imported("email\nada@example.org\neve@example.org\n")
    # Then everybody is subscribed once
    assert result.theirs == 2
    assert sorted(Subscription.objects.values_list("subscriber__email", flat=True)) == [
        "ada@example.org",
        "eve@example.org",
    ]


def test_ten_thousand_lines_are_streamed(newsletter, tmp_path):
    # Given a long file
    file = tmp_path / "readers.csv"
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([("email", "name"), *((f"reader{n}@example.org", f"R {n}") for n in range(10_000))])
    # When it is imported, the running result is told along the way
    steps = [result.theirs for result in importer.import_csv(file, newsletter, None)]
    assert steps == [5_000, 10_000, 10_000]
    assert Subscription.objects.count() == Consent.objects.count() == 10_000


def test_reading_holds_only_the_line_at_hand(tmp_path):
    def peak(lines):
        file = tmp_path / f"{lines}.csv"
        with file.open("w") as out:
            out.write("email,name\n")
            out.writelines(f"reader{n}@example.org,Reader {n}\n" for n in range(lines))
        tracemalloc.start()
        with table.opened(text.look(file)) as rows:
            for _ in rows:
                pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(10)  # what the first call imports and caches is not counted
    assert peak(10_000) < 2 * peak(500)
