"""What is typed is never lost: slow and broken lines, two editors, a session that ends (T-31)."""

import re

import pytest
from playwright.sync_api import expect

from newsletter.editions.models import Edition
from newsletter.newsletters import people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def tab(as_staff, edition):
    tab = as_staff("editor")
    return opened(tab.context, edition, tab)


def opened(context, edition, tab=None):
    tab = tab or context.new_page()
    tab.clock.install()
    tab.goto(f"/desk/editions/{edition.pk}")
    if tab.locator("details.words").get_attribute("open") is None:
        tab.get_by_text("Subject, preheader and note").click()
    return tab


def says(tab, words):
    expect(tab.get_by_text(words).first).to_be_visible()


def note(tab):
    return tab.get_by_label(re.compile("^Editor's note"))


def test_nothing_typed_is_lost(tab, edition):
    context = tab.context
    slow_line(tab)
    edition.refresh_from_db()
    assert edition.note == "First, and second"

    # Typed on a train, and a colleague wrote another subject and another note meanwhile
    context.set_offline(True)
    note(tab).fill("Written on a train")
    tab.clock.run_for(1000)
    says(tab, re.compile("^No connection. Your text"))
    tab.get_by_role("button", name="Move down: Analysis 1").click()
    says(tab, "No connection. Nothing was changed; try again when it is back.")
    tab.close()
    context.set_offline(False)
    Edition.objects.update(subject="Theirs", note="Theirs too")
    tab = opened(context, edition)
    says(tab, "Text that was not saved was put back.")
    tab.clock.run_for(1000)
    says(tab, "Theirs, note: Theirs too")
    tab.get_by_role("button", name="Keep mine").click()
    says(tab, re.compile("^Saved"))
    edition.refresh_from_db()
    assert (edition.subject, edition.note) == ("Theirs", "Written on a train")

    the_form_of_an_entry(tab, edition)
    signed_out(tab)
    edition.refresh_from_db()
    assert edition.note == "Typed with a dead session"


def slow_line(tab):
    """The next save waits for the answer to the last one, and meets no conflict with itself."""
    held = []
    tab.route("**/words", lambda route: held.append(route))  # noqa: PLW0108 # playwright marks the function
    with tab.expect_request("**/words"):
        note(tab).fill("First")
        tab.clock.run_for(1000)
    note(tab).fill("First, and second")
    tab.clock.run_for(3000)
    assert len(held) == 1
    with tab.expect_response("**/words"):
        held[0].continue_()
    tab.unroute("**/words")
    with tab.expect_response("**/words"):
        tab.clock.run_for(3000)
    says(tab, re.compile("^Saved"))
    expect(tab.locator(".both")).to_have_count(0)


def the_form_of_an_entry(tab, edition):
    """Its text is put back when the form is opened again."""
    tab.get_by_role("link", name="Edit: Analysis 1").click()
    headline = tab.get_by_label(re.compile("^Headline"))
    tab.context.set_offline(True)
    headline.fill("Typed in a tunnel")
    tab.context.set_offline(False)
    opened(tab.context, edition, tab)
    tab.get_by_role("link", name="Edit: Analysis 1").click()
    expect(headline).to_have_value("Typed in a tunnel")
    with tab.expect_response("**/edit"):
        tab.clock.run_for(1000)
    assert "Typed in a tunnel" in [item.title for item in edition.items.all()]


def signed_out(tab):
    """Signing in again in another tab is enough, though the form's token is void by it."""
    tab.context.clear_cookies(name="sessionid")
    note(tab).fill("Typed with a dead session")
    tab.clock.run_for(1000)
    says(tab, re.compile("^Not saved: you are signed out"))
    other = tab.context.new_page()
    other.goto(people.login_link("editor@example.org").replace("https://news.example.org", ""))
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/desk/")
    with tab.expect_response("**/words"):
        tab.clock.run_for(6000)
    says(tab, re.compile("^Saved"))


def test_keys_move_through_the_edition_and_never_lose_their_place(tab):
    def focused():
        return tab.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.name")

    first = tab.locator("[data-item]").first
    names = [each.get_attribute("aria-label") for each in tab.locator("[data-item]").all()]
    first.focus()
    tab.keyboard.press("j")
    assert focused() == names[1]
    tab.keyboard.press("k")
    assert focused() == names[0]
    tab.keyboard.press("j")
    tab.keyboard.press("d")
    expect(tab.locator("[data-item]")).to_have_count(3)
    expect(tab.locator("[data-item]", has_text=names[2])).to_be_focused()
    tab.keyboard.press("u")
    expect(tab.locator("[data-item]")).to_have_count(4)
    first.focus()
    tab.keyboard.press("e")
    expect(tab.locator("[name=headline]")).to_be_focused()
