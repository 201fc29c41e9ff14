"""axe finds nothing in any mail, on phone and desk, by day and by night; and no mail is wider than its window."""

from tests.gates.mails import all_letters, all_mails

# A mail is a part of the client's page: its landmarks are the client's.
OFF = {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}
# A third and a fourth week hold the same parts as these, only more of them, or fewer.
MAILS = (
    "roundup-good", "roundup-ugly", "roundup-right-to-left", "roundup-counted", "roundup-correction", "plain-good",
    "plain-ugly", "plain-right-to-left",
)  # fmt: skip
# Night changes colours and nothing else: the rules about structure need not be asked again.
RULES = {"light": {"rules": OFF}, "dark": {"runOnly": ["color-contrast"]}}


def violations(page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    if page.evaluate("!window.axe"):  # once a page: it is half a megabyte
        page.evaluate(Axe().axe_script)
    options = {**RULES[scheme], "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options).then(said => said.violations)", options)
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


def test_every_mail_is_without_violation_and_fits_its_window(opened):
    made = {**{name: all_mails()[name] for name in MAILS}, **all_letters()}
    for name, mail in made.items():
        page = opened(mail.html, 360)
        for width in (360, 800):
            page.set_viewport_size({"width": width, "height": 900})
            assert (name, width, violations(page, "light"), violations(page, "dark")) == (name, width, [], [])
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.close()


def test_axe_does_see_faint_words_by_night(opened):
    html = all_mails()["roundup-good"].html.replace(".muted{color:#a8a49b", ".muted{color:#333333")
    assert any(each.startswith("color-contrast") for each in violations(opened(html), "dark"))
    assert violations(opened(html), "light") == []


def test_axe_does_see_a_picture_that_nobody_describes(opened):
    html = all_mails()["roundup-good"].html.replace('alt=""', "")
    assert any(each.startswith("image-alt") for each in violations(opened(html), "light"))
