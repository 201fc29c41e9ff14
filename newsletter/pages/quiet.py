"""Keeping readers' and staff's tokens out of the log: Django writes the path of every request that it refuses."""

import logging
import re

# In a counted link and an opening the token is the last of two parts.
_TOKEN = re.compile(r"(/(?:u|p|c|a|me|r|o|desk/login|desk/look)/)(?:(?<=/[ro]/)\S+|[^/\s]+)")


class NoTokens(logging.Filter):
    """Writes /u/… instead of the token; a valid one may be there too, for a method that the page does not take."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN.sub(r"\1…", each) if isinstance(each, str) else each for each in record.args)
        return True
