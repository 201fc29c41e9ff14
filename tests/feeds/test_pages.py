"""Pages are read side by side, two at a time for a host, within one budget (F-32), in a limited child (F-29)."""

import resource
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from newsletter.feeds import bounded, pages
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


@pytest.fixture
def most_at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the pages that are asked for side by side; its last number is the most there were."""
    running, most, lock = 0, [0], threading.Lock()
    get = pages.fetch.get

    def counted(request: pages.Request) -> pages.fetch.Response:
        nonlocal running
        with lock:
            running += 1
            most.append(max(most[-1], running))
        try:
            return get(request)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(pages.fetch, "get", counted)
    return most


def test_no_more_than_two_pages_of_a_host_are_asked_at_once(site: FeedSite, most_at_once: list[int]) -> None:
    pages.read_pages([site.put(f"/{number}", "<title>A</title>") for number in range(12)], private=True)
    assert most_at_once[-1] == 2


def test_nor_are_more_asked_for_several_feeds_of_one_host(site: FeedSite, most_at_once: list[int]) -> None:
    sections = [
        [site.put(f"/{section}/{number}", f"<title>{number}</title>") for number in range(3)] for section in range(6)
    ]
    with ThreadPoolExecutor(6) as feeds:
        answers = list(feeds.map(lambda addresses: pages.read_pages(addresses, private=True), sections))
    assert all(isinstance(page, PageFacts) for read in answers for page in read.values())
    assert [len(read) for read in answers] == [3] * 6
    assert most_at_once[-1] == 2


def test_when_the_time_is_up_the_rest_is_left_for_later(site: FeedSite) -> None:
    answers = pages.read_pages([site.hang(f"/{number}") for number in range(30)], private=True, seconds=0.5)
    assert len(answers) <= 2


HOSTILE = {
    "deep": b"<div>" * 1_000_000,
    "wide": b"<article>" + b"<img src=/a.jpg>" * 300_000,
    "metas": b"<meta name=a content=b>" * 200_000,
    "attributes": b"<div " + b"a " * 2_000_000 + b">",
    "entities": b'<div class="dek">' + b"&amp;amp;" * 500_000 + b"</div>",
    "json": b'<script type="application/ld+json">' + b"[" * 1_000_000 + b"</script>",
    "many articles": b'<script type="application/ld+json">[' + b'{"@type":"Article"},' * 200_000 + b"{}]</script>",
    "surrogates and nul": b"<title>\xed\xa0\x80\0\xff</title>",
    "links": b"<a href=/a>x</a>" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_made_to_harm_costs_the_parent_nothing(site: FeedSite, name: str) -> None:
    address = site.put("/a", HOSTILE[name])
    fine = site.put("/b", "<title>A story</title>")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = pages.read_pages([address, fine], private=True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert isinstance(answers[address], PageFacts | bounded.Unreadable)
    read = answers[fine]
    assert isinstance(read, PageFacts)
    assert read.title == "A story"


@pytest.mark.usefixtures("cold")
def test_after_a_page_that_was_too_much_the_others_are_read(site: FeedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MEMORY_BYTES", 75 * 1024 * 1024)
    heavy = site.put("/heavy", HOSTILE["many articles"])
    fine = [site.put(f"/{number}", "<title>A</title>") for number in range(5)]
    answers = pages.read_pages([heavy, *fine], private=True)
    assert isinstance(answers[heavy], bounded.Unreadable)
    assert all(isinstance(answers[address], PageFacts) for address in fine)
