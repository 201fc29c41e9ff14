"""Hostile texts, one a line of vectors.txt: scripts, handlers, frames, styles, pictures, and what parsers confuse.

Written after the classes of the OWASP filter evasion list and of cure53's mutation cases; some are against this desk.
"""

from pathlib import Path

VECTORS = (Path(__file__).parent / "vectors.txt").read_text("utf-8").splitlines()
