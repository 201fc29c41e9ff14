"""Places where tests let a process die or freeze. Nothing happens there otherwise."""

from collections.abc import Callable


def _nothing(_name: str) -> None:
    """What every process does that is no test's."""


hook: Callable[[str], None] = _nothing  # set by tests/faults/worker.py, by nothing else


def point(name: str) -> None:
    """Pass a named place between two steps of the ledger, such as "send.intended"."""
    hook(name)
