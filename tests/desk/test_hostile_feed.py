"""A feed written by an enemy, from its document to everything that shows it: nothing in it is ever markup (S-03)."""

import html
import json
import re
from email import message_from_bytes, policy
from xml.etree import ElementTree as ET

import lxml.html
import pytest
from django.urls import reverse

from newsletter.deliveries import plan, send, sweep
from newsletter.editions import approve, draft
from newsletter.editions.models import Edition
from newsletter.feeds import collect, manage
from newsletter.feeds.models import Article, Feed
from newsletter.newsletters.models import Newsletter
from newsletter.transports.memory import MemoryTransport
from tests import builders
from tests.feeds import hostile

pytestmark = pytest.mark.django_db
LEADS = {"href", "src", "action", "formaction", "xlink:href", "poster", "background", "data", "srcset", "ping"}
NEVER = {"object", "embed", "applet", "base", "frame", "frameset", "portal", "audio", "video", "layer", "bgsound"}
FRAMES = ("Everything: cap=18",)


def faults(page: str) -> list[str]:
    """What of a page would run, or would be asked of a stranger, without anybody pressing anything or by one press."""
    return [fault for each in lxml.html.document_fromstring(page).iter(lxml.etree.Element) for fault in _faults(each)]


def _faults(each):
    tag = str(each.tag).lower()
    if tag in NEVER or (tag == "script" and not (each.get("src") or "json" in each.get("type", ""))):
        yield f"<{tag}>"
    for name, value in each.attrib.items():
        plain = re.sub(r"[\s\x00-\x20]", "", html.unescape(value)).lower()
        if name.startswith("on") or name == "srcdoc" or (name == "http-equiv" and plain == "refresh"):
            yield f"{tag} {name}"
        if name in LEADS and plain.startswith(("javascript:", "vbscript:", "data:text", "data:image/svg")):
            yield f"{tag} {name}={value}"
        if name in LEADS and re.match(r"(https?:)?//evil\.example", plain):
            yield f"{tag} {name}={value}"
        if name == "style" and ("evil.example" in plain or "expression(" in plain or "position:fixed" in plain):
            yield f"{tag} {name}={value}"
        if name.startswith("hx-") and "evil.example" in plain:
            yield f"{tag} {name}={value}"


@pytest.mark.parametrize(("form", "shift"), [("rss", 0), ("atom", 1), ("rss", 2), ("atom", 3)])
def test_a_feed_of_an_enemy_is_words_wherever_it_is_shown(as_role, form, shift):
    # Given a newsletter, a reader, and a feed whose titles, deks, bylines, links, photos and credits are all attacks
    newsletter = builders.make_newsletter(frames=FRAMES, privacy_url="https://meridian.example/privacy")
    builders.add_readers(newsletter, 1)
    with hostile.EnemySite() as site:
        home = site.url("").rstrip("/")
        manage.add(site.put(f"/feed.{form}", getattr(hostile, form)(home, shift)), manage.Wishes())
        (collected,) = collect.collect_all(Feed.objects.all())
    assert (collected.error, collected.new) == ("", hostile.STORIES - hostile.STORIES // 7)
    assert Article.objects.exclude(url__startswith=home).count() == 0
    kept = Article.objects.values("title", "dek", "byline", "kind", "topics", "image__alt", "image__credit")
    assert re.findall(r"<[a-z!/]", json.dumps(list(kept))) == []
    # When it is composed, looked at from every side, approved and sent
    edition = draft.compose_special(newsletter).edition
    desk = as_role("admin")
    for path in places(edition):
        page = desk.get(path)
        assert (path, page.status_code < 300, faults(page.text)) == (path, True, [])
    assert faults(desk.get(reverse("desk-preview", args=[edition.pk, "html"])).text) == []
    copy = sent(edition)
    # Then nothing of it is markup: in the desk afterwards, in the mail, in the archive, in its feed
    for name in ("desk-edition", "desk-report"):
        assert faults(desk.get(reverse(name, args=[edition.pk])).text) == []
    mail = copy.get_body(("html",)).get_content()
    archived = desk.get(f"/archive/the-meridian/{edition.number}").text
    fed = desk.get("/archive/the-meridian/feed").content
    for shown in (mail, archived):
        assert faults(shown) == []
        assert "Story 1 " in shown
    for each in ET.fromstring(fed).iter():  # which is XML, whatever was written
        assert not each.get("href", "").startswith(("javascript:", "https://evil"))
        assert each.get("type") not in ("html", "xhtml") or faults(f"<div>{each.text}</div>") == []


def places(edition: Edition) -> list[str]:
    """Where the desk shows a story of a feed."""
    base = f"/desk/editions/{edition.pk}"
    item = edition.items.first()
    own = ("", f"/items/{item.pk}", "/look", "/check", "/stories")
    return ["/desk/", "/desk/editions", "/desk/feeds", "/desk/log", *(f"{base}{each}" for each in own)]


def sent(edition: Edition):
    """The one copy of it, as its reader got it."""
    approve.approve(edition, None)
    Newsletter.objects.update(canary_share=0)
    edition.refresh_from_db()
    approve.schedule(edition, edition.created_at, None)
    plan.begin_due()
    transport = MemoryTransport()
    while plan.plan_next(batch_size=5) or send.send_next(transport):
        pass
    sweep.finish()
    (copy,) = transport.copies
    return message_from_bytes(copy.message, policy=policy.default)


def test_the_eye_sees_what_would_run():
    for evil in (
        "<img src=x onerror=alert(1)>",
        "<script>1</script>",
        "<a href='java\tscript:1'>x</a>",
        "<base href=x>",
    ):
        assert faults(f"<body>{evil}</body>") != [], evil
    seen = [evil for evil in hostile.TEXTS if "<" in evil and faults(f"<body><p>{evil}</p></body>")]
    assert len(seen) > len(hostile.TEXTS) / 2
