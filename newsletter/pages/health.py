"""What machines ask the web: does it live, can it work, how do things stand: /livez, /readyz and /metrics.

They are answered before Django looks at the Host header: a probe and a scraper name a machine by its number.
"""

import hmac
from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from newsletter import config, links
from newsletter.tracking import life, metrics, tables

Answer = Callable[[HttpRequest], HttpResponse]
LOOPBACK = ("127.0.0.1", "::1", "")  # empty: a unix socket


def machines(others: Answer) -> Answer:
    """Middleware: the three doors for machines, and then everything else."""

    def answer(request: HttpRequest) -> HttpResponse:
        door = DOORS.get(request.path_info)
        if door is None:
            return others(request)
        return door(request) if request.method in ("GET", "HEAD") else HttpResponse(status=405)

    return answer


def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process can answer; depends on nothing, so that a lost database does not get the web restarted."""
    passed_on = filter(str.strip, request.headers.get("X-Forwarded-For", "").split(","))
    response = _say("ok")
    response[links.PROXIES_HEADER] = str(sum(1 for _ in passed_on))
    return response


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """200 when the database answers and has our tables; "degraded" without workers, which the web can bear."""
    try:
        behind = tables.missing()
        lively = life.seen(timezone.now())
    except Error:
        return _say("the database does not answer", 503)
    if behind:
        return _say("the tables are not those of this version", 503)
    return _say("ok" if lively else "degraded: no worker gives a sign of life")


def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus' figures, for whoever holds the token or, where none is set, for this machine itself."""
    if not _may_ask(request):
        return _say("not found", 404)
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _may_ask(request: HttpRequest) -> bool:
    token = config.current().metrics_token
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    # A proxy on this machine speaks from loopback too, for everybody.
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK and "X-Forwarded-For" not in request.headers


def _say(words: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f"{words}\n", status=status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


DOORS: dict[str, Answer] = {"/livez": livez, "/readyz": readyz, "/metrics": figures}
