"""Thursday at the desk in a real browser: an editor makes the edition, and a sender lets it go."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from newsletter.deliveries import plan, send, sweep
from newsletter.editions.models import Edition
from newsletter.letters import notices, render
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.transports.memory import MemoryTransport

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def press(tab, name):
    tab.get_by_role("button", name=name, exact=True).first.click()


def says(tab, words):
    expect(tab.get_by_text(words).first).to_be_visible()


def order(edition):
    return [item.title for item in edition.items.filter(dropped=False, section__slug="analysis")]


def compose(tab):
    tab.goto("/desk/")
    press(tab, "Compose the next edition of The Meridian")
    tab.wait_for_url(re.compile(r"/desk/editions/\d+"))
    return Edition.objects.get()


def test_an_editors_thursday_from_login_to_scheduled(as_staff, newsletter):
    # An editor composes, and moves a story by its button, by the keyboard and by the mouse
    tab = as_staff("editor")
    edition = compose(tab)
    assert order(edition) == ["Analysis 1", "Analysis 2"]
    press(tab, "Move down: Analysis 1")
    expect(tab.locator("[data-section] [data-item] h3").nth(1)).to_have_text("Analysis 2")
    tab.locator("[data-item]", has_text="What Analysis 1 means").focus()
    tab.keyboard.press("Alt+ArrowUp")
    expect(tab.locator("[data-section] [data-item] h3").nth(1)).to_have_text("Analysis 1")
    second = tab.locator("[data-item]", has_text="What Analysis 2 means")
    first = tab.locator("[data-item]", has_text="What Analysis 1 means")
    second.drag_to(first, source_position={"x": 200, "y": 70}, target_position={"x": 20, "y": 4})
    expect(tab.locator("[data-section] [data-item] h3").nth(1)).to_have_text("Analysis 2")
    assert order(edition) == ["Analysis 2", "Analysis 1"]
    # takes that back
    press(tab, "Undo")
    expect(tab.locator("[data-section] [data-item] h3").nth(1)).to_have_text("Analysis 1")
    # and gives a story another headline, which saves itself and shows in the preview
    tab.get_by_role("link", name="Edit: Analysis 1").click()
    tab.get_by_label(re.compile("^Headline")).fill("A better headline")
    says(tab, re.compile(r"^Saved \d\d:\d\d"))
    expect(tab.locator("[data-item] h3", has_text="A better headline")).to_be_visible()
    expect(tab.frame_locator("#preview").get_by_text("A better headline").first).to_be_attached()
    # She sees what is missing, and that she cannot send
    tab.get_by_role("link", name="Check and send").first.click()
    says(tab, "In the inbox")
    expect(tab.get_by_role("button", name=re.compile("^Approve"))).to_have_count(0)

    # A sender approves what stands there
    boss = as_staff("sender")
    boss.goto(f"/desk/editions/{edition.pk}/check")
    says(boss, "12 readers")
    press(boss, boss.get_by_role("button", name=re.compile("^Approve")).inner_text())
    says(boss, re.compile("It goes out on"))
    edition.refresh_from_db()
    assert (edition.status, edition.approved_by.email) == ("scheduled", "sender@example.org")


def test_a_send_is_watched_paused_and_resumed(as_staff, edition):
    tab = as_staff("sender")
    tab.goto(f"/desk/editions/{edition.pk}/check")
    press(tab, tab.get_by_role("button", name=re.compile("^Approve")).inner_text())
    Newsletter.objects.update(canary_share=0)
    Edition.objects.update(send_at=timezone.now())
    plan.begin_due()
    while plan.plan_next(batch_size=4):
        pass
    transport = MemoryTransport(batch_size=4)
    tab.goto(f"/desk/editions/{edition.pk}")
    send.send_next(transport)
    says(tab, "accepted")
    expect(tab.locator("#counts dl div", has_text="accepted").locator("dd")).to_have_text("4")
    press(tab, "Pause send")
    says(tab, "paused by sender@example.org")
    assert not send.send_next(transport)
    press(tab, "Resume send")
    while send.send_next(transport):
        pass
    sweep.finish()
    # The page notices by itself
    expect(tab.locator(".state").first).to_have_text("sent")
    expect(tab.locator("#counts dl div", has_text="accepted").locator("dd")).to_have_text("12")


def test_a_sender_approves_on_a_phone_from_the_notices_link(as_staff, edition, site):
    # Given a sender who is away, and the notice that the draft is ready
    tab = as_staff("sender", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    facts = {"edition": edition.pk, "number": edition.number, "subject": edition.subject, "stories": 4}
    notices.tell(edition.newsletter, "draft-ready", f"edition-{edition.pk}", **facts, send_at=edition.send_at)
    letter = render.content_of(Letter.objects.select_related("newsletter", "staff").get())
    (link,) = re.findall(rf"{site}/desk/editions/\d+", letter.text)
    # When they follow its link with a thumb, read the mail as it is, and approve
    tab.goto(link)
    tab.get_by_role("link", name="Look at the mail").tap()
    expect(tab.frame_locator("iframe").get_by_text("What Analysis 1 means").first).to_be_visible()
    tab.get_by_role("link", name="Back to the draft").tap()
    tab.get_by_role("link", name="Check and send").first.tap()
    says(tab, "12 readers")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.get_by_role("button", name=re.compile("^Approve")).tap()
    says(tab, re.compile("It goes out on"))
    # Then it is theirs, and scheduled for its time
    before = edition.send_at
    edition.refresh_from_db()
    assert (edition.status, edition.approved_by.email, edition.send_at) == ("scheduled", "sender@example.org", before)


def test_two_editors_who_change_one_line_see_both(as_staff, edition):
    one, two = as_staff("editor"), as_staff("sender")
    Staff.objects.filter(role="sender").update(name="Sam")
    for tab in (one, two):
        tab.goto(f"/desk/editions/{edition.pk}")
        tab.get_by_text("Subject, preheader and note").click()
    two.get_by_label(re.compile("^Subject ")).fill("Theirs")
    says(two, re.compile("^Saved"))
    one.get_by_label(re.compile("^Subject ")).fill("Mine")
    says(one, "Sam changed this too. Nothing of yours was saved yet.")
    says(one, "Theirs, subject: Theirs")
    press(one, "Keep mine")
    says(one, re.compile("^Saved"))
    edition.refresh_from_db()
    assert edition.subject == "Mine"


def test_without_a_script_an_edition_is_read_made_and_scheduled(as_staff, newsletter):
    tab = as_staff("sender", script=False)
    edition = compose(tab)
    press(tab, "Move down: Analysis 1")
    assert order(edition) == ["Analysis 2", "Analysis 1"]
    tab.get_by_role("link", name="Edit: Analysis 2").click()
    tab.get_by_label(re.compile("^Headline")).fill("By hand")
    press(tab, "Save story")
    says(tab, "By hand")
    press(tab, "Drop: Report")
    tab.get_by_role("link", name="Check and send").first.click()
    press(tab, tab.get_by_role("button", name=re.compile("^Approve")).inner_text())
    says(tab, re.compile("It goes out on"))
    assert Edition.objects.get().status == "scheduled"
