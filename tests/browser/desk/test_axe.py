"""axe finds nothing on any page of the desk, on phone and wide screen, by day and by night; all fit the window."""

import pytest

from newsletter.editions import approve, edit, glimpse
from newsletter.editions.models import Edition
from newsletter.newsletters import people
from newsletter.newsletters.models import Staff
from newsletter.subscribers.models import Subscriber
from tests.browser.test_axe import NARROW, WIDE, looked_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def places(edition, path_of_guest):
    """Every page that staff come to, by name."""
    draft, item = f"/desk/editions/{edition.pk}", edition.items.first().pk
    return {
        "week": "/desk/",
        "editions": "/desk/editions",
        "composer": draft,
        "entry": f"{draft}/items/{item}",
        "look": f"{draft}/look?width=phone&scheme=dark",
        "check": f"{draft}/check",
        "readers": "/desk/readers",
        "reader": f"/desk/readers/{Subscriber.objects.latest('pk').pk}",
        "nobody": "/desk/readers?q=nobody",
        "feeds": "/desk/feeds",
        "newsletters": "/desk/newsletters",
        "newsletter": "/desk/newsletters/the-meridian",
        "outbox": "/desk/outbox",
        "health": "/desk/health",
        "log": "/desk/log",
        "staff": "/desk/staff",
        "me": "/desk/me",
        "second-step": "/desk/me/second-step",
        "guest": path_of_guest,
        "not-found": "/desk/editions/999999",
    }


def judged(tab, script, paths):
    found = {}
    for name, path in paths.items():
        tab.goto(path)
        tab.evaluate(script)
        for width in (NARROW, WIDE):
            for scheme in ("light", "dark"):
                found[name, width, scheme] = looked_at(tab, width, scheme)
    assert len(found) == 4 * len(paths)
    return [f"{place}: {fault}" for place, faults in found.items() for fault in dict.fromkeys(faults)]


def test_every_page_is_without_violation_and_fits_its_window(as_staff, edition):
    from axe_playwright_python.sync_playwright import Axe

    people.add("gone@example.org", "Gone", "viewer")
    people.set_active(Staff.objects.get(email="gone@example.org"), None, active=False)
    written = edit.Written("outside", "Elsewhere", "Words", {"outlet": "The Post", "url": "https://post.example/x"})
    edit.add_written(edition, edition.newsletter.sections.get(slug="the-rest"), written)
    edit.drop_item(edition.items.filter(section__slug="analysis").first())
    tab, script = as_staff("admin"), Axe().axe_script
    link = glimpse.address(glimpse.make(edition, Staff.objects.get(role="admin")))
    path = "/desk/look/" + link.rpartition("/")[2]
    assert judged(tab, script, places(edition, path)) == []
    # And once it is on its way
    approve.approve(edition, None)
    for status in ("approved", "scheduled", "sending", "paused", "held", "sent"):
        Edition.objects.update(status=status)
        paths = {f"{status}": f"/desk/editions/{edition.pk}", f"check {status}": f"/desk/editions/{edition.pk}/check"}
        paths["report"] = f"/desk/editions/{edition.pk}/report"
        assert judged(tab, script, paths) == []
    tab.context.clear_cookies()
    assert judged(tab, script, {"login": "/desk/login", "void": "/desk/login/1-x"}) == []
