"""The mail as Outlook on Windows reads it. Pure."""

import re

_NOT_FOR_IT = re.compile(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", re.DOTALL)
_FOR_IT = re.compile(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", re.DOTALL)


def revealed(html: str) -> str:
    """What conditional comments hold for Outlook revealed, what they keep from it dropped."""
    return _FOR_IT.sub(r"\1", _NOT_FOR_IT.sub("", html))
