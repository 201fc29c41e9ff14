"""Pages are read side by side, two at a time for a host, within one budget (F-32)."""

import threading

import pytest

from newsletter.feeds import pages
from newsletter.feeds.guard import FetchError
from newsletter.feeds.values import PageFacts
from tests.fakes.feed_site import FeedSite


def test_each_address_gets_its_facts_or_its_failure(site: FeedSite) -> None:
    good = site.put("/a", "<title>A story</title>")
    answers = pages.read_pages([good, good, site.url("/gone")], private=True)
    assert isinstance(answers[good], PageFacts)
    failure = answers[site.url("/gone")]
    assert isinstance(failure, FetchError)
    assert failure.status == 404
    assert site.count("/a") == 1


def test_a_host_that_hangs_holds_up_itself_only(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SECONDS", 0.5)
    fine = [site.put(f"/{number}", "<title>A</title>") for number in range(10)]
    with FeedSite() as other:
        hanging = [other.hang(f"/{number}").replace("127.0.0.1", "localhost") for number in range(20)]
        answers = pages.read_pages([*hanging, *fine], private=True)
        asked = len(other.seen)
    assert all(isinstance(answers[url], PageFacts) for url in fine)
    # Two lanes, three failures each: then the host is left alone.
    assert asked <= 6
    assert not any(isinstance(answers.get(url), PageFacts) for url in hanging)


def test_no_more_than_two_pages_of_a_host_are_asked_at_once(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    get = pages.fetch.get

    def counted(request: pages.Request) -> pages.fetch.Response:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return get(request)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(pages.fetch, "get", counted)
    pages.read_pages([site.put(f"/{number}", "<title>A</title>") for number in range(12)], private=True)
    assert most == 2


def test_when_the_time_is_up_the_rest_is_left_for_later(site: FeedSite) -> None:
    answers = pages.read_pages([site.hang(f"/{number}") for number in range(30)], private=True, seconds=0.5)
    assert len(answers) <= 2
