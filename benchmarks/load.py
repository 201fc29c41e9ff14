"""The web as `newsletter run web` starts it, on a real PostgreSQL, and strangers who ask it for things."""

import http.client
import math
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from tests.servers import postgres
from tests.servers.processes import newsletter, settings

Ask = Callable[[http.client.HTTPConnection, int], object]


@contextmanager
def site() -> Iterator[int]:
    """An empty installation with its web running; gives its port. Django is set up on the same database."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "var"
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgres.running()),
            "NEWSLETTER_DATA_DIR": str(data),
            "NEWSLETTER_SITE_URL": "http://news.example.org",
            "NEWSLETTER_BIND": f"127.0.0.1:{port}",
            "NEWSLETTER_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        }
        data.mkdir()
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        stack.enter_context(newsletter("run", "web", environment=settings(data)))
        _wait_for(port)
        yield port


def post(connection: http.client.HTTPConnection, path: str, body: str, **headers: str) -> bytes:
    """One form, sent; its answer's body. Raises AssertionError for anything but 200."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Host": "127.0.0.1", **headers}
    connection.request("POST", path, body, form)
    return answer(connection)


def get(connection: http.client.HTTPConnection, path: str) -> bytes:
    """One page's body. Raises AssertionError for anything but 200."""
    connection.request("GET", path, headers={"Host": "127.0.0.1"})
    return answer(connection)


def answer(connection: http.client.HTTPConnection) -> bytes:
    response = connection.getresponse()
    body = response.read()
    assert response.status == http.HTTPStatus.OK, (response.status, body[:200])
    return body


def as_fast_as_possible(port: int, ask: Ask, *, seconds: float, connections: int = 8) -> float:
    """Requests a second of so many strangers, each asking again as soon as it is answered."""
    end, counts = time.perf_counter() + seconds, [0] * connections

    def stranger(number: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            while time.perf_counter() < end:
                ask(connection, number + connections * counts[number])
                counts[number] += 1

    _together(stranger, connections)
    return sum(counts) / seconds


def as_many(port: int, ask: Ask, *, number: int, connections: int = 8) -> None:
    """So many requests, as fast as they are answered."""

    def stranger(first: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            for each in range(first, number, connections):
                ask(connection, each)

    _together(stranger, connections)


def at_a_rate(port: int, ask: Ask, *, rate: float, count: int, connections: int = 16) -> list[float]:
    """Seconds each of `count` requests took that came evenly at `rate` a second, waiting in line for us included."""
    start, took = time.perf_counter() + 0.5, [0.0] * count

    def stranger(number: int) -> None:
        for index in range(number, count, connections):
            due = start + index / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            # A connection each, as mail providers do
            with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
                ask(connection, index)
            took[index] = time.perf_counter() - due

    _together(stranger, connections)
    return took


def told(took: Sequence[float]) -> str:
    """Median, 99th percentile and longest, in milliseconds."""
    last = sorted(took)[math.ceil(len(took) * 0.99) - 1]
    return (
        f"median {statistics.median(took) * 1000:5.1f} ms   p99 {last * 1000:6.1f} ms   max {max(took) * 1000:6.1f} ms"
    )


def _together(stranger: Callable[[int], None], count: int) -> None:
    faults: list[BaseException] = []

    def run(number: int) -> None:
        try:
            stranger(number)
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            get(connection, "/livez")
            return
        time.sleep(0.1)
    raise TimeoutError("the web did not start")
