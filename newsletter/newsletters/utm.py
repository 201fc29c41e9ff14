"""The utm_* parameters that a newsletter puts on links into its own site: the same for every reader. Pure."""

import re
from urllib.parse import urlencode

from newsletter.config_sources import nearest
from newsletter.errors import UsageError

NAMES = ("source", "medium", "campaign", "term", "id")
_HINT = 'Such as "source=weekly; medium=email; campaign=round-up"; utm_content is the place of the link.'
_VALUE = re.compile(r"[\w .~+-]{1,60}\Z")


def read(text: str) -> str:
    """As a query, "utm_source=weekly&utm_medium=email"; "" is none. Raises UsageError.

    >>> read("source=weekly; medium=email")
    'utm_source=weekly&utm_medium=email'
    """
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, re.split("[;,&]", text))):
        name, _, value = (each.strip() for each in part.partition("="))
        name = name.removeprefix("utm_")
        if name not in NAMES:
            raise UsageError(f"There is no utm_{name}.{nearest(name, list(NAMES))}", hint=_HINT)
        if not _VALUE.match(value):
            raise UsageError(
                f"{value!r} cannot be utm_{name}: letters, digits and simple marks, 60 at most.", hint=_HINT
            )
        found[f"utm_{name}"] = value
    return urlencode(found)
