"""Whether links answer: HEAD first, GET where that is refused, limits for all, no private address. T-01, T-03."""

import pytest

from newsletter.feeds.probe import Probe, probe, probe_all
from tests.fakes.feed_site import FeedSite


@pytest.fixture
def site():
    with FeedSite() as started:
        yield started


def test_a_page_is_there(site):
    answer = probe(site.put("/a.jpg", b"12345"), private=True)
    assert (answer.status, answer.kind, answer.size) == (200, "image/jpeg", 5)


def test_a_page_that_is_gone_says_so(site):
    assert probe(site.url("/nothing"), private=True) == Probe(
        404, "It answered 404 Not Found.", kind="text/html", size=len("<h1>Not found</h1>")
    )


def test_a_redirect_is_followed_and_one_to_the_front_page_is_told(site):
    site.put("/", "front")
    assert probe(site.redirect("/old", site.put("/new", "x")), private=True).to_front is False
    assert probe(site.redirect("/gone", site.url("/")), private=True).to_front is True


def test_a_private_address_is_never_asked_unless_that_is_meant(site):
    answer = probe(site.put("/x", "x"), private=False)
    assert answer.status == 0
    assert not site.seen


def test_a_server_that_refuses_is_no_host(site):
    with FeedSite() as other:
        closed = other.url("/")
    assert probe(closed, private=True).no_host is True


def test_a_server_that_hangs_holds_up_nobody_for_long(site):
    answers = probe_all([site.hang("/hang"), site.put("/fine", "x")], private=True, seconds=0.5)
    assert answers[site.url("/fine")].status == 200
    assert answers.get(site.url("/hang"), Probe(0)).status == 0


def test_a_body_is_never_read(site):
    assert probe(site.trickle("/slow", b"x" * 1000, 0.5), private=True, seconds=5).status == 200
