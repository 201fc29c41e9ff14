"""Subjects and preheaders as staff frame them: "{newsletter}: {lead}". Five names in braces, no template language."""

import re
from collections.abc import Mapping

from newsletter.config_sources import nearest
from newsletter.errors import UsageError

NAMES = ("lead", "more", "newsletter", "number", "date")
_NAME = re.compile(r"{(\w*)}")


def check(template: str) -> None:
    """Raises UsageError for a name in braces that means nothing."""
    for name in _NAME.findall(template):
        if name not in NAMES:
            raise UsageError(
                f"{{{name}}} means nothing in {template!r}.{nearest(name, list(NAMES))}",
                hint="It may hold " + ", ".join(f"{{{known}}}" for known in NAMES) + ".",
            )


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every name in braces replaced, once: what a headline says in braces stays as it is."""
    return " ".join(_NAME.sub(lambda found: values.get(found[1], found[0]), template).split())
