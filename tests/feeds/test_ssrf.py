"""No address that a feed or a person gives makes us connect to our own network (T-01)."""

import dataclasses
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from django.conf import settings

from newsletter.feeds import harvest, images, pages
from newsletter.feeds.addresses import reachable
from newsletter.feeds.facts import FeedFacts
from newsletter.feeds.fetch import Request, get
from newsletter.feeds.guard import FetchError
from newsletter.feeds.values import Entry
from tests.fakes.feed_site import FeedSite

HOSTS = (
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0.0.0.0", "0", "localhost", "localhost.", "LOCALHOST",
    "0x7f.1", "0x7f000001", "0x7f.0x0.0x0.0x1", "2130706433", "017700000001", "0177.0.0.1", "0177.0.0.01",
    "①②⑦.0.0.1", "127。0。0。1", "127%2e0%2e0%2e1", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]",
    "[fe80::1%25lo]", "[fc00::1]", "[fd00::1]", "[ff02::1]", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.255.255", "192.168.0.1", "100.64.0.1", "169.254.169.254", "[::ffff:a9fe:a9fe]", "0xa9fea9fe",
    "2852039166", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "ip6-localhost",
)  # fmt: skip
ADDRESSES = (
    *(f"http://{host}/" for host in HOSTS),
    "http://127.0.0.1:80/", "https://127.0.0.1/", "https://127.0.0.1:443/", "http://x.example:22/",
    "http://x.example:6379/", "http://user@127.0.0.1/", "http://user:pass@x.example/", "http://x.example@127.0.0.1/",
    "http://127.0.0.1#@x.example/", "http://127.0.0.1\\@x.example/", "file:///etc/passwd", "ftp://127.0.0.1/",
    "gopher://127.0.0.1/_x", "dict://127.0.0.1/", "ldap://127.0.0.1/", "data:text/xml,<rss/>", "//127.0.0.1/",
    "http:///127.0.0.1/", "http:127.0.0.1", "unix:/var/run/x", "http://127.0.0.1%00.x.example/",
    "http://\r\n127.0.0.1/", "", "http://",
)  # fmt: skip


class Canary:
    """Notes every connection that is tried, and lets none of them happen."""

    def __init__(self) -> None:
        self.tried: list[Any] = []

    def connect(self, target: Any) -> None:
        self.tried.append(target)
        raise ConnectionRefusedError


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Canary:
    made = Canary()
    monkeypatch.setattr(socket.socket, "connect", lambda self, target: made.connect(target))
    return made


@pytest.mark.parametrize("address", ADDRESSES)
def test_not_one_connection_is_tried(address: str, canary: Canary) -> None:
    with pytest.raises(FetchError):
        get(Request(address, seconds=5.0))
    assert canary.tried == []


def test_a_private_address_says_what_would_allow_it() -> None:
    with pytest.raises(FetchError, match="NEWSLETTER_ALLOW_PRIVATE_HOSTS=1"):
        get(Request("http://127.0.0.1/"))


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("93.184.215.14", "127.0.0.1"))
    with pytest.raises(FetchError, match="private address"):
        get(Request("http://both.example/"))
    assert canary.tried == []


def test_the_address_that_was_checked_is_the_one_connected_to(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    # Rebinding: public when asked first, loopback ever after.
    told = iter(["93.184.215.14"])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers(next(told, "127.0.0.1"))())
    with pytest.raises(FetchError):
        get(Request("http://rebind.example/"))
    assert canary.tried == [("93.184.215.14", 80)]


def test_the_connected_socket_is_asked_who_its_peer_is(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if the network itself had led a public address to our loopback.
    monkeypatch.setattr(socket, "getaddrinfo", answers("93.184.215.14"))
    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, _: connect(self, ("127.0.0.1", site.port)))
    with pytest.raises(FetchError, match="private address"):
        get(Request("http://public.example/"))
    assert site.seen == []


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_the_public_internet_is_reachable(address: str) -> None:
    assert reachable(address, private=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd00::1", "::ffff:127.0.0.1"])
def test_private_addresses_are_reachable_when_allowed(address: str) -> None:
    assert reachable(address, private=True)
    assert not reachable(address, private=False)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "nonsense"])
def test_some_are_never_reachable(address: str) -> None:
    assert not reachable(address, private=True)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedSite]:
    """A real server on loopback, where an address without a port would lead if it got through."""
    with FeedSite() as server:
        monkeypatch.setitem(urllib3.poolmanager.port_by_scheme, "http", server.port)
        monkeypatch.setattr(settings, "CONFIG", dataclasses.replace(settings.CONFIG, allow_private_hosts=False))
        yield server


def test_the_canary_would_sing(listening: FeedSite) -> None:
    listening.put("/", "<title>Inside</title>")
    assert b"Inside" in get(Request("http://127.0.0.1/", private=True)).body
    assert len(listening.seen) == 1


@pytest.mark.django_db
def test_feeds_pages_and_pictures_never_reach_a_server_on_loopback(listening: FeedSite) -> None:
    assert len(set(ADDRESSES)) >= 60
    for address in ADDRESSES:
        assert harvest.visit(Request(address, seconds=5.0), FeedFacts(), lambda _: False).error
    entries = [Entry(guid=address, url=address, title="A story") for address in ADDRESSES]
    for story in harvest.complete(entries, FeedFacts(), private=False):
        assert story.facts.dek == ""
    assert not any(isinstance(each, pages.PageFacts) for each in pages.read_pages(ADDRESSES, private=False).values())
    made = images.fit_all(images.Want(address, 1200) for address in ADDRESSES)
    assert all(isinstance(each, images.Unfit) for each in made.values())
    assert listening.seen == []


@pytest.mark.parametrize("target", [f"http://{host}/" for host in HOSTS])
def test_a_redirect_leads_nowhere_that_an_address_may_not(
    target: str, listening: FeedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server of the public internet sends us on; the check of its own socket is stood in for, no other.
    listening.redirect("/go", target)
    public, site = ("93.184.215.14", listening.port), ("127.0.0.1", listening.port)
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def known(host: Any, *rest: Any, **more: Any) -> Any:
        return answers(public[0])() if host == "pub.test" else resolve(host, *rest, **more)

    def led(self: socket.socket, to: Any) -> None:
        connect(self, site if to[0] == public[0] else to)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    monkeypatch.setattr(socket.socket, "connect", led)
    monkeypatch.setattr(socket.socket, "getpeername", lambda self: public)
    with pytest.raises(FetchError):
        get(Request("http://pub.test/go", seconds=5.0))
    assert [each.path for each in listening.seen] == ["/go"]


def test_a_name_that_alternates_never_gets_through(listening: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter(["93.184.215.14", "127.0.0.1"] * 1000)
    tried: list[str] = []

    def connect(self: socket.socket, target: Any) -> None:
        tried.append(target[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers(next(told))())
    monkeypatch.setattr(socket.socket, "connect", connect)
    for _ in range(1000):
        with pytest.raises(FetchError):
            get(Request("http://rebind.test/"))
    assert set(tried) == {"93.184.215.14"}
    assert listening.seen == []


def answers(*addresses: str) -> Any:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]

    return resolve
