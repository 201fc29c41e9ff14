"""The process that reads what enemies may have written (T-02): feeds, article pages and pictures.

`python -m newsletter.feeds.child MEMORY CPU`: bytes of address space, seconds of processor time for each question.

It limits itself before it reads a byte, so that the parent needs no preexec_fn, which threads forbid. Then it answers
one question after the other: a line of JSON {"what", "size", …} and so many bytes in; a line {"size", "refused",
"failed"} and so many bytes out. `refused` is null, or the message and the hint of what is no feed or no picture;
`failed` is null, or where a fault of ours came out. What is too much for the limits ends the process.
"""

import json
import resource
import sys
import traceback
from collections.abc import Callable
from typing import Any

from newsletter.errors import NewsletterError
from newsletter.feeds.salvage import TOO_MUCH

_LONGEST_TRACE = 4000  # characters; its end says where


def main(memory: str, cpu: str) -> int:
    """Limit, then answer until nobody asks any more."""
    _limit(resource.RLIMIT_AS, int(memory))
    _limit(resource.RLIMIT_CORE, 0)
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    while line := asked.readline():
        question = json.loads(line)
        body = asked.read(question.pop("size"))
        _limit(resource.RLIMIT_CPU, int(_used()) + int(cpu) + 1)
        answer, said = _answer(question.pop("what"), body, question)
        told.write(json.dumps({"size": len(answer), **said}).encode() + b"\n" + answer)
        told.flush()
    return 0


def _answer(what: str, body: bytes, question: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    try:
        return _READERS[what](body, **question), {"refused": None, "failed": None}
    except NewsletterError as error:
        return b"", {"refused": [str(error), error.hint], "failed": None}
    except TOO_MUCH:
        raise
    except Exception:  # noqa: BLE001 # told to the parent, whose log gets it
        return b"", {"refused": None, "failed": traceback.format_exc()[-_LONGEST_TRACE:]}


def _feed(body: bytes, url: str, content_type: str) -> bytes:
    from newsletter.feeds.parse import read_feed
    from newsletter.feeds.values import to_json

    return to_json(read_feed(body, url, content_type))


def _page(body: bytes, url: str, content_type: str) -> bytes:
    from newsletter.feeds.page import read_page
    from newsletter.feeds.values import page_to_json

    return page_to_json(read_page(body, url, content_type))


def _picture(body: bytes, **wish: int) -> bytes:
    from newsletter.feeds.picture import Wish, fitted

    facts, made = fitted(body, Wish(**wish))
    return json.dumps(facts).encode() + b"\n" + made


_READERS: dict[str, Callable[..., bytes]] = {"feed": _feed, "page": _page, "picture": _picture}


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _limit(what: int, wanted: int) -> None:
    _, hard = resource.getrlimit(what)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(what, (most, hard))
    except (ValueError, OSError):
        # macOS knows no RLIMIT_AS; the other limits and the parent's clock remain.
        return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
