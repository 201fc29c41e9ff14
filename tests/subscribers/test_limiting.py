"""However often strangers press, nobody's mailbox is flooded through our forms (T-15)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.letters.models import Letter
from newsletter.subscribers import confirm, defence, limits, networks, proof, signup
from newsletter.subscribers.models import SignUp, Subscription
from newsletter.subscribers.signup import Asked

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def ask(newsletter):
    def write(address, network="", **values):
        return signup.ask(Asked(address=address, newsletters=[newsletter], network=network, **values))

    return write


def answer(now=None):
    while signup.answer_waiting(now):
        pass


def mailed():
    return Counter(Letter.objects.filter(kind="confirmation").values_list("address", flat=True))


def test_an_address_gets_one_letter_a_day_and_three_a_month(ask):
    now = timezone.now()
    for hours in range(0, 24 * 40, 12):
        for _ in range(5):
            ask("ada@example.org")
        answer(now + timedelta(hours=hours))
        if hours == 12:
            assert mailed().total() == 1
        if hours == 24 * 29:
            assert mailed().total() == 3
    assert mailed().total() == 6  # the first three are out of the month again


@pytest.mark.parametrize(
    "spellings",
    [
        ("ada@example.org", "ada+1@example.org", "ADA+2@example.org"),
        ("ada.byron@gmail.com", "a.d.abyron+x@gmail.com", "adabyron@googlemail.com"),
    ],
)
def test_spellings_of_what_may_be_one_mailbox_share_its_limit_s38(ask, spellings):
    for each in spellings:
        ask(each)
    answer()
    assert mailed().total() == 1


def test_dots_elsewhere_are_other_people(ask):
    ask("ada.byron@example.org")
    ask("adabyron@example.org")
    answer()
    assert mailed().total() == 2


def test_a_network_causes_ten_letters_an_hour(ask):
    for number in range(30):
        ask(f"a{number}@big{number}.example", "203.0.113.0/24")
        ask(f"b{number}@big{number}.example", "2001:db8::/48")
    answer()
    assert mailed().total() == 20
    ask("late@example.org", "203.0.113.0/24")
    answer(timezone.now() + timedelta(minutes=61))
    assert mailed()["late@example.org"] == 1


def test_a_domain_gets_fifty_letters_an_hour_but_the_big_providers_have_no_limit(ask):
    for number in range(70):
        ask(f"a{number}@example.org")
        ask(f"a{number}@gmail.com")
    answer()
    assert Counter(each.rpartition("@")[2] for each in mailed().elements()) == {"example.org": 50, "gmail.com": 70}


def test_an_unknown_network_has_no_limit(ask):
    for number in range(30):
        ask(f"a{number}@big{number}.example")
    answer()
    assert mailed().total() == 30


def test_who_confirms_is_not_limited_by_it(ask, newsletter):
    for _ in range(3):
        request = ask("ada@example.org")
        answer()
        request.refresh_from_db()
        confirm.confirm(SignUp.objects.get(pk=request.pk), "", timezone.now())
        Subscription.objects.update(status="unsubscribed")
    assert mailed().total() == 3


def test_a_refused_request_keeps_no_address(ask):
    ask("ada@example.org", name="Ada")
    ask("ada@example.org", name="Ada")
    answer()
    refused = SignUp.objects.get(status="refused")
    assert (refused.address, refused.name, refused.reason) == ("", "", "address: one a day")


def test_deciding_twice_sends_once(ask):
    ask("ada@example.org")
    answer()
    SignUp.objects.update(status="waiting")  # as if its answer had been lost
    answer()
    assert Letter.objects.count() == 1


def test_five_thousand_sign_ups_on_a_hundred_addresses_send_a_hundred_letters(newsletter):
    # benchmarks/bench_sign_up.py does it with a hundred thousand, through the web as well.
    made = [
        signup.drawn_up(Asked(address=f"victim{number}@example{number}.org", newsletters=[newsletter]))
        for number in range(100)
    ]
    rows = [SignUp(**{**each, "network": f"203.0.{number}.0/24"}) for number in range(50) for each in made]
    stored = SignUp.objects.bulk_create(rows)
    through = SignUp.newsletters.through
    through.objects.bulk_create([through(signup_id=each.pk, newsletter_id=newsletter.pk) for each in stored])
    # Given one genuine sign-up behind all of them
    signup.ask(Asked(address="genuine@example.net", newsletters=[newsletter], network="198.51.100.0/24"))
    answer()
    # Then nobody got more than one letter, the genuine one got theirs, and the forms ask for a proof now
    assert mailed().total() <= 101
    assert not SignUp.objects.filter(reason="newsletter: gone").exists()
    assert max(mailed().values()) == 1
    assert mailed()["genuine@example.net"] == 1
    assert defence.is_on(timezone.now())


@pytest.mark.parametrize(("became", "letters"), [("accepted", 1), ("pending", 1), ("rejected", 3), ("unknown", 3)])
def test_whoever_asks_again_gets_another_letter_where_the_first_did_not_arrive(ask, became, letters):
    for _ in range(5):
        ask("ada@example.org")
        answer()
        Letter.objects.update(status=became)
    assert mailed().total() == letters


def test_a_busy_hour_switches_the_defence_on_and_refuses_nobody(ask, monkeypatch):
    monkeypatch.setattr(limits, "A_BUSY_HOUR", 20)
    for number in range(21):
        ask(f"a{number}@big{number}.example")
    answer()
    now = timezone.now()
    assert mailed().total() == 21
    assert defence.is_on(now)
    assert not defence.is_on(now + timedelta(hours=2))


def test_the_defence_tightens_when_few_confirm_any_more(ask):
    now = timezone.now()
    for number in range(60):
        ask(f"a{number}@big{number}.example")
    answer()
    SignUp.objects.update(created_at=now - timedelta(hours=2))
    ask("next@example.org")
    answer()
    assert defence.is_on(now)


@pytest.mark.parametrize(
    ("asked", "recent", "usual", "suspicious"),
    [
        (500, (0, 0), (0, 0), False),
        (501, (0, 0), (0, 0), True),
        (10, (50, 12), (0, 0), True),
        (10, (50, 25), (0, 0), False),
        (10, (49, 0), (1000, 900), False),
        (10, (50, 40), (1000, 900), False),
        (10, (50, 44), (1000, 900), False),
        (10, (50, 22), (1000, 900), True),
        (10, (50, 6), (1000, 100), False),  # a newsletter whose readers seldom confirm
    ],
)
def test_what_looks_like_an_abuse(asked, recent, usual, suspicious):
    assert bool(limits.suspicion(asked, recent, usual)) == suspicious


@pytest.mark.parametrize(
    ("direct", "forwarded", "proxies", "expected"),
    [
        ("198.51.100.9", "", 0, "198.51.100.0/24"),
        ("198.51.100.9", "203.0.113.7", 0, "198.51.100.0/24"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7", 1, "203.0.113.0/24"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.9", 2, "203.0.113.0/24"),
        ("10.0.0.1", "", 1, ""),
        ("10.0.0.1", "'; DROP TABLE", 1, ""),
        ("::ffff:198.51.100.9", "", 0, "198.51.100.0/24"),
        ("2001:db8:1:2:3::4", "", 0, "2001:db8:1::/48"),
        ("", "", 0, ""),
        ("127.0.0.1", "", 0, ""),
    ],
)
def test_the_network_is_that_of_the_nearest_stranger(direct, forwarded, proxies, expected):
    assert networks.shortened(networks.nearest_stranger(direct, forwarded, proxies)) == expected


def solved(ticket):
    return next(str(n) for n in range(10**7) if proof.shown(ticket.text, str(n), "key", float(AT)) == "work")


AT = 1_800_000_000


def test_a_proof_is_work_or_a_wait():
    ticket = proof.ticket("key", 30.0, AT)
    number = solved(ticket)
    assert proof.shown(ticket.text, number, "key", AT) == "work"
    assert proof.shown(ticket.text, "", "key", AT + 19) == ""
    assert proof.shown(ticket.text, "", "key", AT + 20) == "wait"


def test_a_proof_is_good_for_one_address_and_an_hour():
    ticket = proof.ticket("key", 30.0, AT)
    assert proof.shown(ticket.text, "", "other", AT + 60) == ""
    assert proof.shown(ticket.text, "", "key", AT + 3601) == ""
    assert proof.shown(ticket.text.replace("key", "yek"), "", "yek", AT + 60) == ""
    for junk in ("", "x", "a.b.c.d:e", "\ud800", "1" * 5000):
        assert proof.shown(junk, junk, "key", AT) == ""


@pytest.mark.parametrize("seconds", [None, 0.0, 2.9])
def test_who_fills_in_faster_than_people_do_waits_longer(seconds):
    assert proof.ticket("key", seconds, AT).wait == proof.LONGER_WAIT
