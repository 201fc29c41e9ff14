"""What links answer, and which block: dead or relative ones into the own site, and our own pages for readers."""

import pytest

from newsletter.editions.preflight_links import BROWSER_VIEW, Site, faults, links, site, to_ask
from newsletter.feeds.probe import Probe
from tests.mail.samples import everything, one_story

HERE = "https://news.keel.example"
OWN, OUTSIDE = "https://keel.example/bridge", "https://other.example/report"


def week(url=OWN, note="", home="https://keel.example/"):
    made = one_story()
    made["note"] = note
    made["newsletter"] |= {"home_url": home, "social": []}
    everything(made)[0]["url"] = url
    return made


def found(made, **answers):
    answers = {OWN: Probe(200), "https://keel.example/": Probe(200), **answers}
    return {each.code: each for each in faults(links(made, HERE), answers)}


@pytest.mark.parametrize("status", [404, 410, 400])
def test_a_dead_link_blocks_into_the_own_site_and_warns_elsewhere(status):
    dead = Probe(status, "It answered 404 Not Found.")
    assert found(week(), **{OWN: dead})["dead-link"].blocks
    assert found(week(note=f"[x]({OUTSIDE})"), **{OUTSIDE: dead})["dead-outside-link"].waivable


def test_a_server_that_does_not_exist_is_dead_unless_nobody_can_be_reached():
    no_host = Probe(0, "There is no server called other.example.", no_host=True)
    assert found(week(note=f"[x]({OUTSIDE})"), **{OUTSIDE: no_host}).keys() == {"dead-outside-link"}
    offline = {"https://keel.example/": no_host, OWN: no_host}
    assert found(week(), **offline).keys() == {"links-unasked"}


@pytest.mark.parametrize("status", [200, 204, 304, 401, 403, 405, 429])
def test_a_page_that_keeps_robots_out_is_not_dead(status):
    assert found(week(), **{OWN: Probe(status)}) == {}


def test_a_server_that_is_slow_or_broken_today_warns():
    assert found(week(), **{OWN: Probe(503, "It answered 503.")}).keys() == {"silent-link"}
    assert found(week(), **{OWN: Probe(0, "It did not answer.")}).keys() == {"silent-link"}


def test_an_own_page_that_leads_to_the_front_page_is_gone():
    assert found(week(), **{OWN: Probe(200, to_front=True)})["dead-link"].blocks


@pytest.mark.parametrize("url", ["/bridge", "bridge.html", "../x", "#top", "//keel.example/x", "www.keel.example/x"])
def test_a_relative_link_into_the_own_site_blocks(url):
    assert found(week(note=f"See [this]({url})."))["relative-link"].blocks


@pytest.mark.parametrize("url", ["//other.example/x", "www.other.example/x"])
def test_a_relative_link_elsewhere_warns(url):
    assert found(week(note=f"See [this]({url})."))["relative-link"].waivable


def test_what_is_no_web_address_at_all_warns():
    assert found(week(note="[x](javascript:alert(1))")).keys() == {"no-web-address"}


def test_a_link_without_https_warns():
    assert found(week(note="[x](http://other.example/)")).keys() == {"http-link"}


def test_without_a_home_the_articles_are_the_own_site():
    elsewhere = "https://blog.example/x"
    assert found(week(elsewhere, home=""), **{elsewhere: Probe(404)})["dead-link"].blocks
    assert "dead-outside-link" in found(week(elsewhere), **{elsewhere: Probe(404)})


def test_a_subdomain_is_the_own_site_too():
    deep = "https://www.keel.example/x"
    assert found(week(deep), **{deep: Probe(404)})["dead-link"].blocks


def test_each_address_is_asked_once_and_no_slot_is():
    asked = to_ask(links(week(note=f"[a]({OUTSIDE}) [b]({OUTSIDE}) [c](mailto:a@b.example)"), HERE))
    assert asked == [OUTSIDE, OWN, "https://keel.example/"]


ADDRESSES = {"unsubscribe": f"{HERE}/u/x", BROWSER_VIEW: f"{HERE}/e/y"}


GOOD = {f"{HERE}/u/x": Probe(200, site="nl1"), f"{HERE}/e/y": Probe(404, site="nl1")}


def of_site(answers=(), url=HERE, *, kept_in=False, lenient=False):
    return list(site(Site(url, kept_in, lenient, "nl1", ADDRESSES), GOOD | dict(answers)))


def test_a_site_that_answers_as_this_one_is_fine_and_a_page_before_its_time_may_be_missing():
    assert of_site(GOOD) == []


@pytest.mark.parametrize("lenient", [True, False])
def test_a_site_that_nobody_asked_is_as_bad_as_one_that_is_silent(lenient):
    one = {f"{HERE}/e/y": GOOD[f"{HERE}/e/y"]}
    (only,) = site(Site(HERE, False, lenient, "nl1", ADDRESSES), one)
    assert (only.code, only.blocks) == ("site-unasked", not lenient)
    assert "unsubscribe." in only.words
    assert BROWSER_VIEW not in only.words


@pytest.mark.parametrize("kept_in", [True, False])
def test_a_site_that_is_private_or_without_https_blocks(kept_in):
    (only,) = of_site(url=HERE if kept_in else "http://news.keel.example", kept_in=kept_in)
    assert (only.code, only.blocks) == ("site-url", True)


@pytest.mark.parametrize(
    "answer", [Probe(0, "It did not answer."), Probe(404, site="nl1"), Probe(200), Probe(200, site="nl2")]
)
def test_an_unsubscribe_page_that_is_silent_or_somebody_elses_blocks(answer):
    (only,) = of_site({f"{HERE}/u/x": answer})
    assert (only.code, only.blocks) == ("site-silent", True)


def test_where_private_hosts_are_meant_it_only_warns():
    assert [each.blocks for each in of_site({f"{HERE}/u/x": Probe(0)}, kept_in=True, lenient=True)] == [False, False]
