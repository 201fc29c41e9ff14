"""The process that reads untrusted feeds (T-02): bytes in, JSON out.

`python -m newsletter.feeds.child URL CONTENT_TYPE MEMORY CPU`, memory in bytes, processor time in seconds.

It limits itself before it reads a byte, so that the parent needs no preexec_fn, which threads forbid. Exit codes:
0 read, 3 no feed (stdout holds the message and the hint); anything else is a feed that is too much for the limits.
"""

import json
import resource
import sys

NO_FEED = 3


def main(url: str, content_type: str, memory: str, cpu: str) -> int:
    """Limit, read, answer."""
    _limit(resource.RLIMIT_AS, int(memory))
    _limit(resource.RLIMIT_CPU, int(cpu))
    _limit(resource.RLIMIT_CORE, 0)
    from newsletter.feeds.draft import NotAFeed
    from newsletter.feeds.parse import read_feed
    from newsletter.feeds.values import to_json

    try:
        answer = to_json(read_feed(sys.stdin.buffer.read(), url, content_type))
    except NotAFeed as error:
        sys.stdout.write(json.dumps([str(error), error.hint]))
        return NO_FEED
    sys.stdout.buffer.write(answer)
    return 0


def _limit(what: int, wanted: int) -> None:
    _, hard = resource.getrlimit(what)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(what, (most, hard))
    except (ValueError, OSError):
        # macOS knows no RLIMIT_AS; the other limits and the parent's clock remain.
        return


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
