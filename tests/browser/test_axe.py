"""axe finds nothing on any page that a reader comes to, on phone and desk, by day and by night; all fit the window."""

import pytest

from tests.browser.places import Places

pytestmark = pytest.mark.django_db(transaction=True)
NARROW, WIDE = 360, 1280
EVERYTHING = {"resultTypes": ["violations"]}
COLOURS = {
    **EVERYTHING,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}  # all that the night changes


def judge(tab, asked):
    found = tab.evaluate("asked => axe.run(document, asked)", asked)["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


def looked_at(tab, width, scheme):
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    wider = tab.evaluate("document.documentElement.scrollWidth") > width
    return [*(["wider than its window"] if wider else []), *judge(tab, EVERYTHING if scheme == "light" else COLOURS)]


def test_every_page_is_without_violation_and_fits_its_window(opened, magazine):
    from axe_playwright_python.sync_playwright import Axe

    script, tab, found = Axe().axe_script, opened(), {}
    places = Places(magazine).all()
    for name, go in places.items():
        go(tab)
        tab.evaluate(script)
        for width in (NARROW, WIDE):
            for scheme in ("light", "dark"):
                found[name, width, scheme] = looked_at(tab, width, scheme)
    assert len(found) == 4 * len(places)
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_axe_does_see_what_is_wrong(opened, magazine):
    from axe_playwright_python.sync_playwright import Axe

    tab = opened()
    tab.goto("/subscribe/the-meridian")
    tab.evaluate(Axe().axe_script)
    tab.evaluate("document.querySelector('[name=address]').parentElement.replaceWith(document.createElement('input'))")
    tab.evaluate("document.querySelectorAll('.muted').forEach(each => each.style.color = '#333')")
    assert [each.partition(":")[0] for each in looked_at(tab, NARROW, "light")] == ["label"]
    assert {each.partition(":")[0] for each in looked_at(tab, WIDE, "dark")} == {"color-contrast"}
