"""Keeping readers' and staff's tokens out of the log: Django writes the path of every request that it refuses."""

import logging
import re

_TOKEN = re.compile(r"(/(?:u|p|c|a|me|desk/login|desk/look)/)[^/\s]+")


class NoTokens(logging.Filter):
    """Writes /u/… instead of the token; a valid one may be there too, for a method that the page does not take."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args)
        return True
