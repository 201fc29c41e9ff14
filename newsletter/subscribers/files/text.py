"""What a file's bytes are: text in which encoding, how long, and which file. Read in pieces; nothing is unpacked."""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import UsageError

PIECE = 1 << 20  # bytes
LONGEST_LOOK = 1 << 16  # bytes of a line that are looked at to tell its encoding
NO_TEXT = {  # by their first bytes
    b"PK\x03\x04": "a zip archive, or a spreadsheet",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3": "a database",
}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
UTF8, WINDOWS = "utf-8", "cp1252"


@dataclass(frozen=True)
class Text:
    """A file that can be read: `lines` is how many it has at most, `digest` is equal for equal files."""

    path: Path
    encoding: str
    lines: int
    digest: str


def look(path: Path) -> Text:
    """Read the file through once. Raises UsageError for one that cannot be read or is no text.

    UTF-8 and UTF-16 are known by their mark or by what is in them; what is neither is taken for Windows-1252, which
    spreadsheets write in the West. Archives are refused: nothing of ours unpacks what strangers packed (S-06).
    """
    digest, lines, decoder = hashlib.sha256(), 1, codecs.getincrementaldecoder(UTF8)()
    encoding, is_utf8 = "", True
    try:
        for number, piece in enumerate(_pieces(path)):
            if number == 0:
                _insist_on_text(path, piece)
                encoding = _marked(piece)
            digest.update(piece)
            lines += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
            is_utf8 = is_utf8 and not encoding and _decodes(decoder, piece)
        if not encoding:
            encoding = UTF8 if is_utf8 and _decodes(decoder, b"", final=True) else _of_most_lines(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    return Text(path, encoding, lines, digest.hexdigest())


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _insist_on_text(path: Path, first: bytes) -> None:
    for mark, kind in NO_TEXT.items():
        if first.startswith(mark):
            hint = "Unpack it, and import the CSV files in it; from a spreadsheet, save the sheet as CSV."
            raise UsageError(f"{path} is {kind}, not a CSV file.", hint=hint)


def _marked(first: bytes) -> str:
    """The encoding that the byte order mark names, or that zeros at every other place betray; "" otherwise."""
    for mark, encoding in MARKS.items():
        if first.startswith(mark):
            return encoding
    sample = first[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 > len(sample) and min(even, odd) * 8 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _of_most_lines(path: Path) -> str:
    """For a file that is not all UTF-8: what most of its lines beyond ASCII are; the others are refused one by one."""
    balance = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LOOK):
            if not line.isascii():
                balance += 1 if _is_utf8(line) else -1
    return UTF8 if balance >= 0 else WINDOWS


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def is_of_another(text: str, encoding: str) -> bool:
    """Whether a line of a Windows-1252 file was UTF-8 after all: read as the others are, Jürgen would be JÃ¼rgen."""
    if encoding != WINDOWS or text.isascii():
        return False
    try:
        text.encode(WINDOWS).decode(UTF8)
    except UnicodeError:
        return False
    return True
