"""Counting what is read: off by default, no reader in a link unless they agreed, machines told apart (T-14, T-24)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import signing
from newsletter.editions import approve, counting, draft, freeze, mark
from newsletter.editions.models import Edition, Rendering
from newsletter.feeds.models import Article
from newsletter.subscribers import consent, tokens
from newsletter.subscribers.models import Consent, Subscription
from newsletter.tracking import engagement, erase, reading, report, report_forms, verdict
from newsletter.tracking.models import Click
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.deliveries.conftest import planned, sent

__all__ = ["planned", "sent"]
pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15"
IN_THE_NOTE = "https://meridian.example/essay"
OURS = re.compile(r"https?://[^/\"\s]+/r/([\w-]+)(?:/([^\"\s]+))?")


@pytest.fixture
def make(newsletter, sent):
    """An edition of five stories, sent to two readers."""
    builders.add_readers(newsletter, 2)

    def made(mode):
        newsletter.links = mode
        newsletter.save(update_fields=["links"])
        first = Article.objects.count()
        for number in range(5):
            builders.make_article(f"Story {first + number}", topics=["Asia" if number else "Africa"])
        edition = draft.compose_special(newsletter).edition
        edition.note = f"Read [the essay]({IN_THE_NOTE}) first."
        edition.save(update_fields=["note"])
        approve.approve(edition, None)
        transport = MemoryTransport()
        sent(approve.schedule(edition, timezone.now(), None), transport)
        edition.refresh_from_db()
        return edition, [(copy.reader, dict(copy.reader.slots)) for copy in transport.copies]

    return made


def rendering(edition):
    return Rendering.objects.get(edition=edition, topic_set="")


def links_of(edition):
    """The addresses of an edition's counted links by item, without the one that nobody sees."""
    found = (signing.read_link(match[1])[1] for match in OURS.finditer(rendering(edition).text))
    return {item: f"/r/{signing.link_for(edition.public_id, item)}" for item in found}


def press(client, path, agent=BROWSER, address="203.0.113.9"):
    return client.get(path, headers={"user-agent": agent}, REMOTE_ADDR=address)


def judge():
    Click.objects.update(at=timezone.now() - timedelta(minutes=6))
    return engagement.judge()


def test_by_default_nothing_is_counted(make):
    edition, _ = make("direct")
    assert not OURS.search(rendering(edition).html + rendering(edition).text)
    assert "/o/" not in rendering(edition).html
    assert reading.of(edition) is None
    link = signing.link_for(edition.public_id, edition.items.first().pk)
    assert engagement.leads_to(*signing.read_link(link)) is None


def test_counted_links_hold_no_reader_and_are_what_was_approved(make):
    edition, copies = make("counted")
    frozen = rendering(edition)
    assert {match[2] for match in OURS.finditer(frozen.html + frozen.text)} == {None}
    assert len(links_of(edition)) == 5
    assert "@@CLICK@@" not in frozen.html
    assert "@@PIXEL@@" not in frozen.html
    assert freeze.is_intact(edition)
    assert {slots["CLICK"] for _, slots in copies} == {"0"}


def test_neither_the_way_out_nor_a_link_in_the_note_is_ever_counted(make):
    for mode in ("counted", "personal"):
        edition, _ = make(mode)
        for part in (rendering(edition).html, rendering(edition).text):
            assert "/u/@@TOKEN@@" in part
            assert "/p/@@TOKEN@@" in part
            assert IN_THE_NOTE in part


def test_a_link_leads_where_the_frozen_edition_says_and_is_written_down(make, client):
    edition, _ = make("counted")
    item, path = next(iter(links_of(edition).items()))
    answer = press(client, path)
    assert (answer.status_code, answer["Location"]) == (302, edition.items.get(pk=item).article.url)
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    row = Click.objects.get()
    assert (row.item, row.subscription, row.machine) == (item, None, "")
    assert client.head(path).status_code == 302
    assert Click.objects.count() == 1


def test_nobody_can_make_it_lead_elsewhere(make, client):
    """T-14: every changed letter, another item, a foreign address: not found, and no Location."""
    edition, _ = make("counted")
    path = next(iter(links_of(edition).values()))
    token = path.removeprefix("/r/")
    tried = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    tried += ["https:%2F%2Fevil.example", "%2F%2Fevil.example", f"{token}%0d%0aLocation:x", token[:-1], f"{token}="]
    tried += [signing.link_for(edition.public_id, 10**9), signing.link_for(7, 1), ""]
    for each in tried:
        answer = client.get(f"/r/{each}")
        assert answer.status_code == 404, each
        assert "Location" not in answer
    assert not Click.objects.exists()


def test_personal_links_name_only_readers_who_agreed(make, newsletter, client):
    gets = list(Subscription.objects.filter(newsletter=newsletter).order_by("pk"))
    token = tokens.token_for(gets[0].public_id)
    newsletter.links = "personal"
    newsletter.save()
    assert client.post(f"/p/{token}", {"do": "count"}).status_code == 200
    assert Consent.objects.filter(subscription=gets[0]).latest("pk").detail == "agreed to personal counting"
    edition, copies = make("personal")
    slots = {reader.address: slots for reader, slots in copies}
    agreed, other = slots["reader0@example.org"], slots["reader1@example.org"]
    assert (agreed["CLICK"], other["CLICK"], other["PIXEL"]) == (token, "0", "")
    assert re.fullmatch(r'<img src="[^"]+/o/[\w-]+/[\w-]+" width="1" height="1" alt="">', agreed["PIXEL"])
    # Both press; one opens; a forged and an unwilling reader's picture count nothing.
    path = next(iter(links_of(edition).values()))
    assert press(client, f"{path}/{token}").status_code == 302
    assert press(client, f"{path}/0").status_code == 302
    pixel = re.search(r"/o/[\w-]+/", agreed["PIXEL"])[0]
    for reader in (token, tokens.token_for(gets[1].public_id), "forged"):
        assert press(client, pixel + reader)["Content-Type"] == "image/gif"
    kept = list(Click.objects.order_by("pk").values_list("kind", "subscription"))
    assert kept == [("click", gets[0].pk), ("click", None), ("open", gets[0].pk)]


def test_who_takes_it_back_is_counted_no_more(make, newsletter, client):
    Subscription.objects.update(counted_since=timezone.now())
    edition, _ = make("personal")
    gets = Subscription.objects.order_by("pk").first()
    token = tokens.token_for(gets.public_id)
    client.post(f"/p/{token}", {"do": "do-not-count"})
    press(client, f"{next(iter(links_of(edition).values()))}/{token}")
    assert Click.objects.get().subscription is None
    _, copies = make("personal")
    assert {reader.address: slots["CLICK"] for reader, slots in copies}["reader0@example.org"] == "0"


def test_an_old_mail_of_somebody_who_left_says_nothing_of_them(make, client):
    Subscription.objects.update(counted_since=timezone.now())
    edition, copies = make("personal")
    reader, slots = copies[0]
    gone = Subscription.objects.get(subscriber__email=reader.address)
    pixel = re.search(r"/o/[\w-]+/", slots["PIXEL"])[0]
    consent.unsubscribe(gone, Consent.Source.PAGE)
    # When they press and open in it, the press is counted as anybody's and the opening not at all
    press(client, f"{next(iter(links_of(edition).values()))}/{slots['CLICK']}")
    press(client, pixel + slots["CLICK"])
    assert list(Click.objects.values_list("kind", "subscription")) == [("click", None)]


def test_without_a_personal_newsletter_nobody_is_asked(make, newsletter, client):
    make("counted")
    gets = Subscription.objects.order_by("pk").first()
    token = tokens.token_for(gets.public_id)
    assert "May we see" not in client.get(f"/p/{token}").content.decode()
    client.post(f"/p/{token}", {"do": "count"})
    assert not Subscription.objects.exclude(counted_since=None).exists()


def test_who_is_erased_is_cut_from_what_they_read(make, newsletter, client):
    make("direct")
    Subscription.objects.update(counted_since=timezone.now())
    edition, _ = make("personal")
    gets = Subscription.objects.select_related("subscriber").order_by("pk").first()
    press(client, f"{next(iter(links_of(edition).values()))}/{tokens.token_for(gets.public_id)}")
    assert Click.objects.get().subscription_id == gets.pk
    erase.erase(gets.subscriber)
    assert Click.objects.get().subscription is None


def test_machines_are_told_apart_with_a_reason(make, client):
    edition, _ = make("counted")
    paths = list(links_of(edition).values())
    press(client, paths[0])  # a person
    press(client, paths[1], agent="Barracuda Sentinel")
    press(client, paths[1], agent="")
    for path in paths[:4]:
        press(client, path, address="198.51.100.1")  # a scanner that calls itself a browser
    press(client, paths[2], address="192.0.2.1")
    canary = f"/r/{signing.link_for(edition.public_id, counting.CANARY)}"
    assert press(client, canary, address="192.0.2.1").status_code == 204
    assert judge() == 9
    found = report.of(edition).reading
    assert (found.clicks.human, found.clicks.raw) == (1, 8)
    assert found.machines == {"agent": 2, "burst": 4, "canary": 2}
    assert not Click.objects.exclude(visit="").exists()


def pressed(edition, *presses):
    """One visitor's presses: (item, seconds)."""
    now = timezone.now()
    for item, seconds in presses:
        at = now + timedelta(seconds=seconds)
        Click.objects.create(edition=edition, item=item, kind="click", at=at, visit="aaaa")
    return now


def test_a_visit_is_judged_whole_when_its_last_press_is_old_enough(make):
    edition, _ = make("counted")
    now = pressed(edition, *[(item, item * 1.5) for item in range(1, 7)], (counting.CANARY, 12))
    minute = timedelta(minutes=1)
    # When the minute's look falls between its presses, it waits
    assert engagement.judge(now + 5 * minute + timedelta(seconds=4)) == 0
    assert engagement.judge(now + 6 * minute) == 7
    assert set(Click.objects.values_list("machine", flat=True)) == {"canary"}


def test_a_visit_that_never_ends_is_judged_after_an_hour(make):
    edition, _ = make("counted")
    now = pressed(edition, *[(1 + number % 3, number * 240) for number in range(20)])
    assert engagement.judge(now + timedelta(minutes=64)) == 0
    assert engagement.judge(now + timedelta(minutes=66)) == 16


def test_a_look_that_cannot_take_all_cuts_no_visit(make, monkeypatch):
    edition, _ = make("counted")
    now = pressed(edition, *[(item, item) for item in range(1, 7)])
    Click.objects.filter(item__lt=3).update(visit="0000")
    monkeypatch.setattr(engagement, "AT_MOST", 4)
    assert [engagement.judge(now + timedelta(minutes=9)) for _ in range(3)] == [2, 4, 0]
    assert set(Click.objects.filter(item__gt=2).values_list("machine", flat=True)) == {"burst"}


def test_a_press_in_the_moment_of_the_hand_over_is_a_machines(make, client):
    make("direct")
    Subscription.objects.update(counted_since=timezone.now())
    edition, _ = make("personal")
    gets = Subscription.objects.order_by("pk").first()
    press(client, f"{next(iter(links_of(edition).values()))}/{tokens.token_for(gets.public_id)}")
    assert engagement.judge(timezone.now() + timedelta(minutes=6)) == 1
    assert Click.objects.get().machine == "timing"


def test_no_address_and_no_program_is_kept(make, client):
    edition, _ = make("counted")
    press(client, next(iter(links_of(edition).values())))
    row = Click.objects.get()
    kept = " ".join(str(getattr(row, field.attname)) for field in Click._meta.concrete_fields)
    assert "203.0.113" not in kept
    assert "Mozilla" not in kept


def test_results_are_told_by_story_section_place_author_and_topic(make, client):
    edition, _ = make("counted")
    items = list(edition.items.select_related("article").order_by("section__position", "position"))
    paths = links_of(edition)
    for number, item in enumerate(items[:3]):
        for visitor in range(number + 1):
            press(client, paths[item.pk], address=f"203.0.{number}{visitor}.1")
    judge()
    found = reading.of(Edition.objects.get(pk=edition.pk))
    assert [(read.name, read.human) for read in found.stories] == [
        (items[2].title, 3), (items[1].title, 2), (items[0].title, 1)
    ]  # fmt: skip
    assert sum(read.human for read in found.sections) == 6
    assert {read.name: read.human for read in found.positions} == {"1.": 1, "2.": 2, "3.": 3}
    assert [(read.name, read.human) for read in found.authors] == [("Ada Moreau", 6)]
    assert sum(read.human for read in found.topics) == 6
    made = report.of(edition)
    assert items[2].title in report_forms.as_html(made)
    assert any("clicks (counted)" in line for line in report_forms.lines(made))


@pytest.mark.parametrize(
    ("agent", "reason"),
    [(BROWSER, ""), ("", "agent"), ("python-requests/2", "agent"), ("Googlebot/2.1", "agent"), ("curl/8", "agent")],
)
def test_a_program_that_says_so_is_believed(agent, reason):
    assert verdict.by_agent(agent) == reason


@pytest.mark.parametrize(
    ("agent", "click", "opening"),
    [
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "agent", ""),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "agent", ""),
        ("Mozilla/5.0", "agent", "agent"),
        (BROWSER, "", ""),
    ],
)
def test_a_proxy_opens_for_the_person_who_looks_and_apples_for_nobody(agent, click, opening):
    assert (verdict.by_agent(agent, "click"), verdict.by_agent(agent, "open")) == (click, opening)


def test_links_of_an_old_edition_lead_on_and_count_no_more(make, client):
    edition, _ = make("counted")
    Edition.objects.update(started_at=timezone.now() - timedelta(days=61))
    assert press(client, next(iter(links_of(edition).values()))).status_code == 302
    assert not Click.objects.exists()


def test_a_link_that_was_repointed_after_sending_leads_elsewhere_in_every_copy(make, client):
    edition, _ = make("counted")
    item, path = next(iter(links_of(edition).items()))
    before = press(client, path)["Location"]
    # When staff mend the link of an edition that is out
    mark.repoint(edition, item, "https://meridian.example/the-right-one", None)
    # Then the copies that readers have lead there
    assert press(client, path)["Location"] == "https://meridian.example/the-right-one" != before
