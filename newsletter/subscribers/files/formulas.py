"""Cells that a spreadsheet would run as formulas, and the mark that stops it (CWE-1236, T-09). Pure.

A spreadsheet takes a leading apostrophe for "this is text". The mark can be taken back without loss, because a cell
that looks as if it carried one already gets another.
"""

import re

# Also behind white space and in full width, which some spreadsheets read alike.
RISKY = re.compile(r"'*\s*[=+\-@|%\t\r\n＝＋－＠]")
MARK = "'"


def guarded(cell: str) -> str:
    """The cell, harmless.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("Ada"), guarded("O'Brien")
    ("'=1+1", "''=1+1", 'Ada', "O'Brien")
    """
    return MARK + cell if RISKY.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell.startswith(MARK) and RISKY.match(cell[1:]) else cell
