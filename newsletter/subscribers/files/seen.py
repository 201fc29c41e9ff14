"""Which addresses a file has named so far, in 16 bytes a line: Python's own set takes more than a hundred. Pure."""

from array import array

EMPTY = 0


class Seen:
    """Remembers keys of 32 hexadecimal digits by their first half; `lines` is how many there are at most.

    Two different keys that agree there are taken for one: in a million lines less likely than 1 in 10,000,000.
    """

    def __init__(self, lines: int) -> None:
        bits = max(4, (2 * lines - 1).bit_length())  # at most half full, so that looking takes two steps
        self._mask = (1 << bits) - 1
        self._slots = array("Q", bytes(8 << bits))

    def add(self, key: str) -> bool:
        """Whether the key is new; from now on it is not."""
        half = int(key[:16], 16) or 1
        slots, mask = self._slots, self._mask
        at = half & mask
        while (there := slots[at]) != EMPTY:
            if there == half:
                return False
            at = (at + 1) & mask
        slots[at] = half
        return True
