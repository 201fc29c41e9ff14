"""The whole life of a reader in a real browser, with JavaScript and without, from the form to being forgotten."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsletter.signing import Purpose, fresh
from newsletter.subscribers import proof
from newsletter.subscribers.models import Consent, Defence, SignUp, Subscriber, Subscription
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[False, True], ids=["no-script", "script"])
def tab(request, opened, magazine):
    return opened(script=request.param)


def says(tab, words):
    expect(tab.get_by_text(words).first).to_be_visible()


def press(tab, name):
    tab.get_by_role("button", name=name).click()


@pytest.fixture
def reader(magazine):
    return builders.add_readers(magazine, 1)[0]


def test_whoever_reads_a_past_edition_signs_up_and_confirms(tab, magazine, mailbox):
    tab.goto("/archive/the-meridian/1")
    tab.get_by_label("Your mail address").fill("ada@example.org")
    press(tab, "Sign up")
    says(tab, "on its way to ada@example.org")
    (confirm,) = mailbox.links()
    tab.goto(confirm)
    press(tab, "Yes, send it to me")
    says(tab, "Welcome")
    made = Subscription.objects.select_related("subscriber").get()
    assert (made.status, made.subscriber.email) == ("active", "ada@example.org")


def test_a_reader_chooses_topics_and_a_pause_by_the_link_in_every_letter(tab, reader):
    tab.goto(f"/p/{builders.token_of(reader)}")
    says(tab, "r•••@example.org")
    tab.get_by_label("Africa").check()
    press(tab, "Keep these topics")
    says(tab, "Your topics are kept.")
    expect(tab.get_by_label("Africa")).to_be_checked()
    tab.get_by_label("No letters for").select_option("8")
    press(tab, "Pause")
    says(tab, re.compile("Paused · until"))
    press(tab, "End the pause now")
    says(tab, "You get it")


def test_a_reader_changes_their_name_and_address_and_takes_their_data_by_a_mailed_link(tab, reader, mailbox):
    tab.goto(f"/p/{builders.token_of(reader)}")
    press(tab, "Mail me the link")
    says(tab, "the link is on its way")
    tab.goto(mailbox.links()[0])
    tab.get_by_label("As we write it to you").fill("Ada Byron")
    press(tab, "Keep this name")
    says(tab, "Your name is kept.")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download everything").click()
    assert "Ada Byron" in download.value.path().read_text()
    tab.get_by_label("Your new mail address").fill("ada@example.net")
    press(tab, "Use this address")
    says(tab, "on its way to the new address")
    tab.goto(mailbox.links()[0])
    press(tab, "Use this address")
    says(tab, "Your letters come here now")
    assert Subscriber.objects.get().email == "ada@example.net"


def test_a_reader_leaves_takes_it_back_leaves_again_and_says_why(tab, reader):
    leave = f"/u/{builders.token_of(reader)}"
    tab.goto(leave)
    press(tab, "Unsubscribe me")
    says(tab, "You have left")
    press(tab, "That was a mistake")
    says(tab, "Welcome back")
    tab.goto(leave)
    press(tab, "Unsubscribe me")
    tab.get_by_label("Too many letters").check()
    press(tab, "Tell")
    says(tab, "Thank you for telling us.")
    reader.refresh_from_db()
    assert (reader.status, Consent.objects.last().detail) == ("unsubscribed", "often")


def test_a_reader_is_forgotten(tab, reader):
    tab.goto(f"/me/{fresh(Purpose.PERSONAL, reader.public_id, timezone.now())}")
    tab.get_by_label("Yes, erase everything").check()
    press(tab, "Erase me")
    says(tab, "You are forgotten")
    assert Subscriber.objects.get().email is None


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(tab, magazine):
    tab.goto("/subscribe/the-meridian")
    tab.get_by_label("Your mail address").fill("ada")
    tab.get_by_label("Your name, if you like").fill("Ada")
    press(tab, "Sign up")
    field = tab.get_by_label("Your mail address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("such as ada@example.org"))
    expect(field).to_have_value("ada")
    expect(tab.get_by_label("Your name, if you like")).to_have_value("Ada")
    field.fill("ada@example.org")
    press(tab, "Sign up")
    says(tab, "Look into your mailbox")


def test_a_frame_on_another_site_signs_up(tab, site, magazine):
    tab.route("**/their-page", lambda route: route.fulfill(body=f'<iframe src="{site}/subscribe/the-meridian/frame">'))
    tab.goto("/their-page")
    frame = tab.frame_locator("iframe")
    frame.get_by_label("Your mail address").fill("ada@example.org")
    frame.get_by_role("button", name="Sign up").click()
    expect(frame.get_by_text("Look into your mailbox").first).to_be_visible()
    assert SignUp.objects.get().source == "frame"


def test_under_attack_a_browser_works_and_a_person_without_script_waits(tab, magazine, request, monkeypatch):
    Defence.objects.create(pk=1, until=timezone.now() + timedelta(hours=1), reason="a flood")
    monkeypatch.setattr(proof, "HARDER_BITS", 12)
    tab.goto("/subscribe/the-meridian")
    tab.get_by_label("Your mail address").fill("ada@example.org")
    press(tab, "Sign up")
    script = "no-script" not in request.node.name
    if not script:
        says(tab, re.compile(r"Please wait \d+ seconds"))  # 60, or 20 once the attack is over on a slow machine
        later = timezone.now().timestamp() + proof.LONGER_WAIT + 1
        monkeypatch.setattr("newsletter.pages.subscribe.time.time", lambda: later)
        press(tab, "Sign up")
    says(tab, "Look into your mailbox")
    assert SignUp.objects.get().proved == ("work" if script else "wait")


def test_the_form_is_filled_in_by_keyboard_alone_and_the_trap_is_never_met(tab, magazine):
    tab.goto("/subscribe/the-meridian")
    met = []
    for _ in range(12):
        tab.keyboard.press("Tab")
        met.append(tab.locator(":focus").evaluate("each => each.name || each.textContent.trim()"))
        if met[-1] == "address":
            tab.keyboard.type("ada@example.org")
        if met[-1] == "Sign up":
            tab.keyboard.press("Enter")
            break
    assert met[0] == "address"
    assert "reference" not in met
    says(tab, "Look into your mailbox")
