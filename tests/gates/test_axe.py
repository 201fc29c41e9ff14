"""axe finds nothing in any mail, on phone and desk, by day and by night; and no mail is wider than its window."""

import pytest

from tests.gates.mails import all_letters, all_mails

# A mail is a part of the client's page: its landmarks are the client's.
OFF = {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}
LETTERS = ("confirmation", "welcome", "edition-report", "alerts")
MAILS = ("roundup-good", "roundup-ugly", "roundup-right-to-left", "plain-good", "plain-ugly", "plain-right-to-left")


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"rules": OFF, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800])
def test_every_mail_is_without_violation_and_fits_its_window(opened, width, scheme):
    made = {**all_mails(), **all_letters()}
    for name in (*MAILS, *LETTERS):
        page = opened(made[name].html, width, scheme)
        assert (name, violations(page)) == (name, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_axe_does_see_faint_words_by_night(opened):
    html = all_mails()["roundup-good"].html.replace(".muted{color:#a8a49b", ".muted{color:#333333")
    assert any(each.startswith("color-contrast") for each in violations(opened(html, 800, "dark")))
