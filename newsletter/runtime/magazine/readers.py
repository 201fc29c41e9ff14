"""The demo's readers: a thousand people who do not exist, among them those who break naive software.

Every address stands under a name reserved for examples (RFC 2606 §2 and §3). Local parts stay ASCII: without SMTPUTF8
(RFC 6531) others cannot be mailed. Names with line breaks are left out: no list may hold them.
"""

import csv
import itertools
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

# Names and addresses that once broke somebody's software, each for its own reason.
AWKWARD = (
    ("Łukasz Żółć", "lukasz.zolc@example.org"),
    ("李小龙明", "li.xlm@example.com"),
    ("Søren Ørsted", "soren.orsted@ørsted.example"),
    ("ليلى الحدّاد", "layla.haddad@example.net"),
    ("अनन्या शर्मा", "ananya.sharma@example.org"),
    ("Θεοδώρα Παππά", "theodora.pappa@ελιά.example"),
    ("Юлия Ёлкина", "yulia.yolkina@example.com"),
    ("สมชาย ใจดี", "somchai.jaidee@example.net"),
    ("はるか 渡邉", "haruka@日本.example"),
    ("Jürgen Müller", "juergen@müller.example"),
    ("Zoe\u0308 Decomposed", "zoe.decomposed@example.org"),  # the diaeresis is its own code point (NFD)
    ("Siobhán O'Brien", "o'brien@example.org"),
    ('Ann "Annie" Quill', "annie.quill@example.com"),
    ("“Curly” Quotes", "curly.quotes@example.com"),
    ("Comma, Carl", "carl.comma@example.net"),
    ("Semicolon; Sue", "sue.semicolon@example.org"),
    ("Back\\slash Bill", "bill.backslash@example.com"),
    ("<b>Bold Betty</b>", "betty.bold@example.net"),
    ("<script>alert(1)</script>", "script.kiddy@example.net"),
    ("Smith & Sons", "smith.and.sons@example.com"),
    ("Smith &amp; Daughters", "smith.and.daughters@example.com"),
    ("@@TOKEN@@", "at-token@example.org"),
    ("{{ name }}", "curly-braces@example.org"),
    ("{% raw %}", "jinja-block@example.org"),
    ("%(name)s", "percent-format@example.org"),
    ("%s%n%d", "percent-letters@example.org"),
    ("${NAME}", "shell-dollar@example.org"),
    ("-name-", "substitution@example.org"),
    ("\\1 \\g<0>", "regex-group@example.org"),
    ("=HYPERLINK(1)", "formula@example.com"),
    ("+SUM(A1)", "plus-formula@example.com"),
    ("@SUM(A1)", "at-formula@example.com"),
    ("-2+3", "minus-formula@example.com"),
    ("\u202eright to left\u202c", "rtl.override@example.net"),
    ("Zero\u200bWidth", "zero.width@example.net"),
    ("Non\u00a0Breaking", "nbsp@example.net"),
    ("Rosa 🌻 Sommer", "rosa.sommer@example.org"),
    ("👩\u200d👩\u200d👧\u200d👦", "family@example.org"),
    ("=?utf-8?q?Encoded?=", "encoded.word@example.com"),
    ("NULL", "null@example.com"),
    ("None", "none@example.com"),
    ("0", "0@example.com"),
    ("", "no.name@example.org"),
    ("", "_@example.org"),
    ("   ", "blank.name@example.org"),
    ("X", "x@example.net"),
    (" ".join(["Wolfeschlegelsteinhausenbergerdorff"] * 5), "long.name@example.net"),
    ("Longest Local", "l" * 64 + "@example.org"),
    ("Long Domain", "d@" + ".".join(["long" * 12] * 4) + ".example"),
    ("Plus Tag", "plus+weekly.round-up@example.com"),
    ("Plus Other Tag", "plus+other@example.com"),
    ("Dotted Name", "d.o.t.t.e.d@example.com"),
    ("Undotted Name", "dotted@example.com"),
    ("Under Score", "_under_score_@example.net"),
    ("Every Sign", "!#$%&'*+-/=?^_`{|}~@example.net"),
    ("Numbers Only", "20240229@example.org"),
    ("UPPER CASE", "UPPER.CASE@EXAMPLE.COM"),
    ("Mixed Case", "MiXeD.CaSe@Example.Org"),
    ("Sub Domain", "sub@mail.europe.example.net"),
    ("Punycode Spelt Out", "puny@xn--bcher-kva.example"),
    ("Hyphen-Ated von und zu", "hyphen-ated@some-host.example"),
    ("Mail Er-Daemon", "not.mailer-daemon@example.org"),
)
# fmt: off
GIVEN = (
    "Adaeze", "Amara", "Ana", "Anselm", "Beatriz", "Bram", "Camille", "Chidi", "Clara", "Daniel", "Dewi", "Elif",
    "Emeka", "Esther", "Farah", "Femi", "Freya", "Gabriel", "Hana", "Henrik", "Ibrahim", "Ingrid", "Ines", "Jamal",
    "Joana", "Joaquín", "Karim", "Katya", "Kenji", "Lena", "Leila", "Lucía", "Magnus", "Maeve", "Malik", "Mei",
    "Miriam", "Naledi", "Nils", "Noor", "Olga", "Owen", "Paloma", "Petra", "Priya", "Quentin", "Rania", "Ruth",
    "Sana", "Sibusiso", "Sofía", "Tariq", "Thandiwe", "Tomás", "Ulla", "Vera", "Wanjiru", "Xavier", "Yara", "Zanele",
)
FAMILY = (
    "Abbott", "Achebe", "Adeyemi", "Almeida", "Andersen", "Arslan", "Baptiste", "Barros", "Bauer", "Bekele",
    "Castellanos", "Chowdhury", "Dahl", "Diallo", "Dubois", "Eriksen", "Farouk", "Fernández", "Fraser", "Georgiou",
    "Guerrero", "Haddad", "Halvorsen", "Hoffmann", "Ibáñez", "Iyer", "Jansen", "Kamau", "Kowalska", "Lindqvist",
    "MacLeod", "Mahlangu", "Marchetti", "Mbeki", "Mendes", "Nakamura", "Nguyen", "Novák", "Nwosu", "Okafor",
    "Oliveira", "Osei", "Pereira", "Petrov", "Quispe", "Rahman", "Rossi", "Sahin", "Santos", "Sørensen", "Tanaka",
    "Traoré", "Ueda", "Varga", "Villanueva", "Weber", "Yilmaz", "Zhang", "Ziegler",
)
# fmt: on
HOSTS = ("example.org", "example.com", "example.net", "post.example", "mail.example", "lists.example")


def readers(count: int = 1000) -> list[tuple[str, str]]:
    """`count` pairs (address, name): the awkward first mixed in, always the same, distinct after casefolding."""
    people = [(address, name) for name, address in AWKWARD][:count]
    rng = random.Random("readers")  # noqa: S311 the same readers every time is the point
    people += itertools.islice(_ordinary(rng), count - len(people))
    rng.shuffle(people)
    return people


def write_csv(path: Path, count: int = 1000) -> None:
    """Write `count` readers as UTF-8 CSV with the header email,name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("email", "name"))
        table.writerows(readers(count))


def _ordinary(rng: random.Random) -> Iterator[tuple[str, str]]:
    pairs = [(given, family) for given in GIVEN for family in FAMILY]
    rng.shuffle(pairs)
    for number, (given, family) in enumerate(pairs):
        yield f"{_ascii(given)}.{_ascii(family)}@{HOSTS[number % len(HOSTS)]}", f"{given} {family}"


def _ascii(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("ø", "o"))
    return letters.encode("ascii", "ignore").decode("ascii")
