"""One guarded GET: what it returns, and that nothing the other side does gets past its limits (T-03)."""

import gzip
import resource
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from newsletter.errors import Unreachable
from newsletter.feeds.fetch import Request, Response, get
from newsletter.feeds.guard import FetchError
from tests.fakes.feed_site import FeedSite, Route


def fetch(url: str, **options: object) -> Response:
    return get(Request(url, private=True, **{"seconds": 10.0, **options}))  # type: ignore[arg-type]


@contextmanager
def raw_server(answer: bytes, *, wait: bool = False, times: int = 1) -> Iterator[str]:
    """Answers one connection with exactly these bytes, and then closes it or, with `wait`, says no more.

    `times`: as often as the client takes them, to that number.
    """
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                with suppress(OSError):
                    for _ in range(times):
                        connection.sendall(answer)
                if wait:
                    done.wait(20)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done.set()
        # Wakes an accept that nobody came to.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_body_comes_with_its_validators(site: FeedSite) -> None:
    url = site.put("/feed.xml", "<rss/>", etag='"v1"', last_modified="Mon, 16 Nov 2026 10:00:00 GMT")
    answer = fetch(url)
    assert answer == Response(
        url, b"<rss/>", "application/rss+xml; charset=utf-8", '"v1"', "Mon, 16 Nov 2026 10:00:00 GMT"
    )


def test_what_did_not_change_is_not_sent_again(site: FeedSite) -> None:
    url = site.put("/feed.xml", "<rss/>", etag='"v1"')
    answer = fetch(url, etag='"v1"')
    assert answer.not_modified
    assert (answer.body, answer.etag) == (b"", '"v1"')


def test_the_request_names_us_and_carries_no_more_than_it_must(site: FeedSite) -> None:
    fetch(site.put("/feed.xml", ""))
    headers = site.seen[0].headers
    assert headers["user-agent"].startswith("newsletter/")
    assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}


def test_proxies_of_the_environment_are_not_used(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert fetch(site.put("/feed.xml", "here")).body == b"here"


def test_redirects_are_followed_to_the_fifth(site: FeedSite) -> None:
    for number in range(5):
        site.redirect(f"/{number}", f"/{number + 1}")
    site.put("/5", "there")
    answer = fetch(site.url("/0"))
    assert (answer.url, answer.body) == (site.url("/5"), b"there")


def test_a_sixth_redirect_is_too_many(site: FeedSite) -> None:
    site.redirect("/loop", "/loop")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetch(site.url("/loop"))
    assert site.count("/loop") == 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "http://[/"]
)
def test_a_redirect_out_of_bounds_is_not_followed(site: FeedSite, target: str) -> None:
    with pytest.raises(FetchError):
        fetch(site.redirect("/out", target))


@pytest.mark.parametrize(
    ("status", "says"), [(404, "404 Not Found"), (410, "410 Gone"), (500, "500 Internal"), (403, "403"), (599, "599")]
)
def test_a_failure_of_the_server_is_named(site: FeedSite, status: int, says: str) -> None:
    with pytest.raises(FetchError, match=says) as caught:
        fetch(site.fail("/feed.xml", status))
    assert caught.value.status == status
    assert isinstance(caught.value, Unreachable)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "raw deflate"])
def test_compressed_bodies_are_opened(site: FeedSite, encoding: str) -> None:
    text = b"<rss>" + b"words " * 50_000
    raw = zlib.compressobj(wbits=-15)
    packed = {"deflate": zlib.compress(text), "raw deflate": raw.compress(text) + raw.flush()}.get(
        encoding, gzip.compress(text)
    )
    assert fetch(site.put("/feed.xml", packed, content_encoding=encoding.removeprefix("raw "))).body == text


def test_a_body_of_several_gzip_members_is_read_whole_and_padding_is_none(site: FeedSite) -> None:
    packed = gzip.compress(b"<rss>") + gzip.compress(b"words " * 50_000) + gzip.compress(b"</rss>")
    for padding in (b"", b"\0" * 3):
        url = site.put("/feed.xml", packed + padding, content_encoding="gzip")
        assert fetch(url).body == b"<rss>" + b"words " * 50_000 + b"</rss>"
    with pytest.raises(FetchError, match="broke off"):
        fetch(site.put("/feed.xml", packed[:-4], content_encoding="gzip"))


def test_a_compression_bomb_is_stopped_at_the_limit(site: FeedSite) -> None:
    # Made in pieces, so that the making does not raise the peak that is measured.
    machine, zeros = zlib.compressobj(9, wbits=31), b"\0" * 1_000_000
    bomb = b"".join(machine.compress(zeros) for _ in range(200)) + machine.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FetchError, match="more than 10 MiB"):
        fetch(site.put("/feed.xml", bomb, content_encoding="gzip"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024


def test_only_one_layer_of_compression_is_opened(site: FeedSite) -> None:
    twice = gzip.compress(gzip.compress(b"x"))
    assert fetch(site.put("/feed.xml", twice, content_encoding="gzip")).body.startswith(b"\x1f\x8b")
    with pytest.raises(FetchError, match="content encoding"):
        fetch(site.put("/feed.xml", twice, content_encoding="gzip, gzip"))


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress"])
def test_an_encoding_that_was_not_asked_for_is_refused(site: FeedSite, encoding: str) -> None:
    with pytest.raises(FetchError, match="not asked for"):
        fetch(site.put("/feed.xml", b"x", content_encoding=encoding))


@pytest.mark.parametrize(
    "body", [b"no gzip at all", gzip.compress(b"words " * 1000)[:-20]], ids=["broken", "truncated"]
)
def test_broken_compression_is_a_failed_fetch(site: FeedSite, body: bytes) -> None:
    with pytest.raises(FetchError):
        fetch(site.put("/feed.xml", body, content_encoding="gzip"))


def test_a_large_body_is_stopped_at_the_limit(site: FeedSite) -> None:
    with pytest.raises(FetchError, match="more than 1 MiB"):
        fetch(site.put("/feed.xml", b"x" * 1_100_000), max_bytes=1024 * 1024)


def test_a_server_that_says_nothing_is_left_at_the_deadline(site: FeedSite) -> None:
    with pytest.raises(FetchError, match=r"did not finish its answer within 0\.3 seconds"):
        fetch(site.hang("/feed.xml"), seconds=0.3)


def test_a_trickle_does_not_outlast_the_deadline(site: FeedSite) -> None:
    # Each byte comes well within any read timeout; only a deadline over all of them ends this.
    with pytest.raises(FetchError, match=r"within 0\.5 seconds"):
        fetch(site.trickle("/feed.xml", b"x" * 1000, 0.05), seconds=0.5)


def test_headers_that_never_end_do_not_outlast_the_deadline() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nX-Slow: ", wait=True) as url, pytest.raises(FetchError, match="within"):
        fetch(url, seconds=0.5)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 301 Moved\r\nLocation: http://[\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
    ],
    ids=["nothing", "ssh", "many headers", "long header", "bad chunk", "short", "bad location", "bad status"],
)
def test_broken_answers_are_a_failed_fetch(answer: bytes) -> None:
    with raw_server(answer) as url, pytest.raises(FetchError):
        fetch(url, seconds=5.0)


@pytest.mark.parametrize("size", [b"-1", b"-8000000", b"+fffffff", b"0xfffffff", b"f_ff_ffff"])
def test_what_the_other_side_calls_the_size_of_a_chunk_is_not_believed(size: bytes) -> None:
    """T-03: urllib3 reads all that ever comes for a size below zero."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with raw_server(head + b"x" * 4_000_000, times=40) as url, pytest.raises(FetchError):
        fetch(url)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_a_refused_connection_is_named() -> None:
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 refused the connection"):
        fetch("http://127.0.0.1:1/")


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(FetchError, match=r"There is no server called nowhere\.invalid"):
        fetch("http://nowhere.invalid/")


def test_tls_that_is_none_is_named(site: FeedSite) -> None:
    with pytest.raises(FetchError, match="TLS"):
        fetch(site.url("/").replace("http:", "https:"))


def test_a_redirect_is_checked_as_the_first_address_was(site: FeedSite) -> None:
    site.redirect("/go", f"http://169.254.169.254:{site.port}/")
    with pytest.raises(FetchError, match="not an address on the public internet"):
        fetch(site.url("/go"))


def test_the_same_bytes_come_whatever_the_route_says_about_length(site: FeedSite) -> None:
    url = site.route("/close", Route(b"all of it", headers={"Content-Length": "9", "Connection": "close"}))
    assert fetch(url).body == b"all of it"
