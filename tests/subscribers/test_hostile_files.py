"""Files that nobody should have written: a clear message each, little memory, never a traceback (T-10, S-06)."""

import gzip
import io
import tracemalloc
import zipfile

import pytest

from newsletter.errors import UsageError
from newsletter.subscribers.files import table, text
from newsletter.subscribers.models import Subscriber

pytestmark = pytest.mark.django_db


def reasons(report):
    return [(each.line, each.reason) for each in report.shown]


def zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil.csv", "email\nada@example.org\n")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (zipped(), "is a zip archive"),
        (b"PK\x05\x06" + bytes(18), "is an empty zip archive"),
        (gzip.compress(b"email\nada@example.org\n"), "is compressed"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a spreadsheet"),
        (bytes(5000), "holds a NUL byte"),
    ],
    ids=["zip with a path that climbs", "empty zip", "gzip", "PDF", "xls", "zeros"],
)
def test_what_is_no_text_is_refused_and_nothing_is_unpacked(imported, content, said):
    with pytest.raises(UsageError, match=said):
        imported(content)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(imported, encoding, delimiter):
    rows = [("email", "name"), ("jo@example.org", "Jürgen Müller"), ("eve@example.org", "Ève")]
    content = "".join(delimiter.join(row) + "\r\n" for row in rows)
    assert not imported(content.encode(encoding)).refused
    assert sorted(Subscriber.objects.values_list("name", flat=True)) == ["Jürgen Müller", "Ève"]


def test_excels_own_line_about_the_delimiter_is_understood(imported):
    assert imported("sep=;\nemail;name\nada@example.org;Ada, Countess\n").counts["added"] == 1
    assert Subscriber.objects.get().name == "Ada, Countess"


def test_two_encodings_in_one_file_refuse_the_fewer_lines_instead_of_spoiling_names(imported):
    utf8 = "".join(f"é{n}@müller{n}.example,Zoë\n".replace("é", "e") for n in range(3)).encode()
    report = imported(b"email,name\n" + utf8 + "jo@example.org,Jürgen\n".encode("cp1252"))
    assert reasons(report) == [(5, "The line is not written in utf-8 as the others are")]
    windows = "".join(f"jo{n}@example.org,Jürgen\n" for n in range(3)).encode("cp1252")
    report = imported(b"email,name\n" + windows + "zoe@example.org,Zoë\n".encode())
    assert reasons(report) == [(5, "The line is not written in cp1252 as the others are")]


def test_a_cell_too_many_refuses_its_line_because_a_name_would_be_cut(imported):
    report = imported("name,email\nByron, Ada,ada@example.org\nEve,eve@example.org,\n")
    assert reasons(report) == [(2, "The line has 3 cells, the first line 2: a comma too many?")]
    assert Subscriber.objects.get().email == "eve@example.org"


def test_a_million_columns_are_refused(imported):
    with pytest.raises(UsageError, match=r"has more than 20,000 characters"):
        imported("email" + ",x" * 1_000_000 + "\nada@example.org\n")
    with pytest.raises(UsageError, match="has 9,001 columns; 500 are read at most"):
        imported("email" + ",x" * 9_000 + "\nada@example.org\n")
    report = imported("email,name\nada@example.org" + "," * 1_000_000 + "\neve@example.org,Eve\n")
    assert reasons(report) == [(2, "The line has more than 20,000 characters")]


def test_a_line_of_100_megabytes_takes_no_memory(tmp_path):
    # Given a file whose second line is 100 MB long and full of quotation marks
    file = tmp_path / "readers.csv"
    with file.open("w") as out:
        out.write("email,name\n")
        out.writelines('"x,' * 333_334 for _ in range(100))
        out.write("\nada@example.org,Ada\n")
    # When it is read
    tracemalloc.start()
    with table.opened(text.look(file)) as rows:
        found = list(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Then it costs itself only
    assert isinstance(found[0][1], table.Fault)
    assert found[-1] == (3, ["ada@example.org", "Ada"])
    assert peak < 5_000_000


def test_quotation_marks_that_nobody_closes_cost_a_line_each(imported):
    report = imported("email,name\n" + '"ada@example.org,Ada\n' * 200 + "eve@example.org,Eve\n")
    assert (report.refused, report.counts["added"], report.adds_up) == (200, 1, True)


def test_formulas_are_names_like_others_here(imported):
    imported('email,name\nada@example.org,"=HYPERLINK(""http://x"")"\n')
    assert Subscriber.objects.get().name == '=HYPERLINK("http://x")'


def test_a_million_kinds_of_refusal_do_not_fill_memory(imported):
    report = imported("email,status\n" + "".join(f"r{n}@example.org,word{n}\n" for n in range(2000)))
    assert (report.refused, len(report.reasons), len(report.shown)) == (2000, 51, 1000)
    assert report.reasons["Other reasons"] == 1950
