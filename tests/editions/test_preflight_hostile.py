"""Whatever feeds and forms hold, preflight answers: it never falls over, and says nothing that breaks a line. T-20."""

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.editions.preflight_findings import report
from newsletter.editions.preflight_links import faults, links, to_ask
from newsletter.editions.preflight_mail import mail
from newsletter.editions.preflight_stories import Facts, stories
from newsletter.editions.render import render
from newsletter.editions.tagging import tagged, tags_of
from newsletter.feeds.probe import Probe
from newsletter.links import unsubscribe
from newsletter.mail.slots import TOKEN
from tests.mail.samples import everything, one_story

TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "http://[",
        "https://[::1",
        "//",
        "www.[",
        "javascript:alert(1)",
        "@@TOKEN@@",
        "{{ x }}",
        "%%A%%",
        "\ud800",
        "a" * 300,
    ]
)


@settings(max_examples=40, deadline=None)
@given(url=TEXTS, image=TEXTS, title=TEXTS, note=TEXTS, home=TEXTS)
@example("http://[", "http://[", "\ud800", "[x](http://[)", "http://[")
@example("\ud800", "\ud800", "", "[\ud800](\ud800)", "")
def test_no_word_from_outside_breaks_it(url, image, title, note, home):
    week = one_story()
    week["note"] = note
    week["newsletter"] |= {"home_url": home, "utm": "utm_source=weekly"}
    (item,) = everything(week)
    item |= {"url": url, "title": title, "image": {"url": image, "width": 1, "height": 1, "alt": title, "credit": ""}}
    found = links(week, "https://news.example.org")
    told = [
        *stories(week, Facts(goes_out=datetime(2026, 11, 26, tzinfo=UTC))),
        *faults(found, dict.fromkeys(to_ask(found), Probe(404))),
        *mail(render(week), week, unsubscribe=unsubscribe(TOKEN)),
    ]
    assert all(each.key.isascii() and len(each.key) <= 80 for each in told)
    assert report(told, {}).as_json()["findings"]
    assert tagged(week, tags_of(week, "https://news.example.org"))["sections"]
