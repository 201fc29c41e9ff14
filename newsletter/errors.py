"""The few errors that reach a person. Each knows its exit code and says what to do next.

What a transport or a feed answers is a value, not an error (see transports/base.py): an exception that is not one of
these is a bug.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command, as the README's table lists them."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    CONFIG = 3
    UNREACHABLE = 4
    REFUSED = 5
    PARTLY = 6


class NewsletterError(Exception):
    """Something a person can mend: what happened, and `hint`: what to do about it."""

    exit_code = Exit.FAILURE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(NewsletterError):
    """The command or form was given something that does not exist or cannot be read."""

    exit_code = Exit.USAGE


class ConfigError(NewsletterError):
    """A setting is missing, unknown or contradicts another."""

    exit_code = Exit.CONFIG


class Unreachable(NewsletterError):
    """A database, broker, feed or mail server did not answer."""

    exit_code = Exit.UNREACHABLE


class Refused(NewsletterError):
    """A guard said no: not approved, wrong state, no right."""

    exit_code = Exit.REFUSED


class Partly(NewsletterError):
    """The work was done except for what the message counts."""

    exit_code = Exit.PARTLY
