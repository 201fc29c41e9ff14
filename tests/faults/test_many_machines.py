"""Four machines with nothing in common but PostgreSQL, Redis and the keys; one of them freezes, one dies."""

import pytest

from tests.faults.installation import BATCH

pytestmark = [pytest.mark.road, pytest.mark.long]


def test_four_machines_and_two_beats_share_an_edition_while_one_freezes_and_one_dies(site, sendgrid, proven):
    # Given four machines, each with a data directory of its own, and beats on two of them
    sendgrid.behave(otherwise="slow:0.1")
    hosts = ("a", "b", "c", "d")
    for host in hosts[:2]:
        site.beat(host)
    frozen = site.worker("send.handed_over:2:pause", host="a")
    dying = site.worker("send.intended:2:kill", host="b")
    others = [site.worker(host=host) for host in hosts[2:]]
    # When one freezes after a hand-over and one dies before its own, both with a batch in their hands
    site.until(lambda: frozen.stopped, "the first machine froze")
    site.until(lambda: "handed" in dying.log.read_text() and site.attempts() > 4, "the second machine took part")
    site.until_sent()
    # Then the others sent the rest, everybody has at most one copy, and what those two held is unknown and listed
    assert proven(site) <= 2 * BATCH
    assert all("handed" in each.log.read_text() for each in others)
    assert all((site.folder / host / "epoch.json").exists() for host in hosts)
