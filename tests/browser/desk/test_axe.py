"""axe finds nothing on any page of the desk, on phone and wide screen, by day and by night; all fit the window."""

from email.message import EmailMessage

import pyotp
import pytest

from newsletter import config
from newsletter.editions import approve, edit, glimpse
from newsletter.editions.models import Edition
from newsletter.newsletters import people, second
from newsletter.newsletters.models import DeskSession, Staff
from newsletter.subscribers.models import Subscriber
from tests.browser.test_axe import NARROW, WIDE, looked_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
OPPOSITE = ((NARROW, "dark"), (WIDE, "light"))
ALL = (*OPPOSITE, (NARROW, "light"), (WIDE, "dark"))


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


def judged(tab, script, paths, views=OPPOSITE):
    """What is wrong in each view; for pages like those seen in all four, two that have nothing in common are enough."""
    found = {}
    for name, path in paths.items():
        tab.goto(path)
        tab.evaluate(script)
        for width, scheme in views:
            found[name, width, scheme] = looked_at(tab, width, scheme)
    assert len(found) == len(views) * len(paths)
    return [f"{place}: {fault}" for place, faults in found.items() for fault in dict.fromkeys(faults)]


def answered(tab, path, **form):
    """Show what a form's page answers, as it is: htmx would put a part of it into another."""
    token = next(each["value"] for each in tab.context.cookies() if each["name"] == "csrftoken")
    answer = tab.context.request.post(path, multipart={"csrfmiddlewaretoken": token, **form})
    page = answer.text()
    tab.route("**/answer", lambda route: route.fulfill(body=page, content_type="text/html; charset=utf-8"))
    return {"answer": "/answer"}, page, answer.url


def test_what_forms_answer_is_without_violation(as_staff, edition):
    from axe_playwright_python.sync_playwright import Axe

    tab, script, folder = as_staff("admin"), Axe().axe_script, config.current().data_dir / "outbox" / "new"
    tab.goto(f"/desk/editions/{edition.pk}")
    # Two changed one line
    shown, page, _ = answered(tab, f"/desk/editions/{edition.pk}/words", **{"subject": "Mine", "was-subject": "x" * 12})
    assert "Leave theirs" in page
    assert judged(tab, script, shown) == []
    # A file of readers
    file = {"name": "readers.csv", "mimeType": "text/csv", "buffer": b"email,name\nada@example.org,Ada\nnone,None\n"}
    _, page, url = answered(tab, "/desk/readers/import", file=file)
    assert "What would become of it" in page
    assert judged(tab, script, {"import": url}) == []
    # A field that cannot be read
    shown, page, _ = answered(tab, "/desk/newsletters/the-meridian/change", form="skipped", skip="2020-01-01")
    assert "is past or more than a year away" in page
    assert judged(tab, script, shown) == []
    # A message that was caught
    message = EmailMessage()
    message["Subject"] = "Caught"
    message.set_content("Words")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "caught").write_bytes(bytes(message))
    assert judged(tab, script, {"message": "/desk/outbox/caught"}) == []
    # Recovery codes, and the page that asks for one
    me = Staff.objects.get(role="admin")
    code = pyotp.TOTP(second.candidate(me, DeskSession.objects.get(staff=me).session_key)).now()
    shown, page, _ = answered(tab, "/desk/me/second-step/set", code=code)
    assert 'class="codes"' in page
    assert judged(tab, script, shown) == []
    tab.context.clear_cookies()
    tab.goto(people.login_link(me.email).replace("https://news.example.org", ""))
    tab.get_by_role("button", name="Sign in").click()
    assert judged(tab, script, {"code": "/desk/login/code"}) == []


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
    assert judged(tab, script, places(edition, path), ALL) == []
    # And once it is on its way
    approve.approve(edition, None)
    for status in ("approved", "scheduled", "sending", "paused", "held", "sent"):
        Edition.objects.update(status=status)
        paths = {f"{status}": f"/desk/editions/{edition.pk}", f"check {status}": f"/desk/editions/{edition.pk}/check"}
        paths["report"] = f"/desk/editions/{edition.pk}/report"
        assert judged(tab, script, paths) == []
    tab.context.clear_cookies()
    assert judged(tab, script, {"login": "/desk/login", "void": "/desk/login/1-x"}) == []
