"""Whatever a feed writes, the mail stays whole: hostile words are words."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.editions.render import render
from newsletter.mail.content import plain
from newsletter.mail.slots import TOKEN, slots_in
from tests.mail.reading import tree
from tests.mail.samples import everything, sample_week

NASTY = (
    '"', "'", "<", ">", "&", "</h3></td>", "<script>alert(1)</script>", "<!--[if mso]>", "<![endif]-->", "]]>",
    "{{ newsletter }}", "{% raw %}", "{#", "@@TOKEN@@", "@@", "@", "@@NAME_HTML@@", "%%x%%", "\u202e", "\u200f", "سلام",
    "שלום", "🕊️", "👩‍👩‍👧", "\x00", "\ud800", "\r\n", "\t", "&#64;", "—",
    "\ufffe", ' href="x" ', ' style="a: b !important" ', ' data-premailer="ignore" ', "@import url(x);", "x" * 300,
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=12)), max_size=6).map("".join)
urls = st.one_of(texts, texts.map(lambda text: f"https://keel.example/{text}"))
images = st.none() | st.fixed_dictionaries(
    {
        "url": urls,
        "width": st.none() | st.integers(-5, 9000),
        "height": st.none() | st.integers(-5, 9000),
        "alt": texts,
        "credit": texts,
    }
)
stories = st.fixed_dictionaries(
    {
        "url": urls,
        "title": texts,
        "dek": texts,
        "kind": texts,
        "topics": st.lists(texts, max_size=2),
        "byline": st.lists(st.fixed_dictionaries({"name": texts, "role": texts}), max_size=3),
        "image": images,
    }
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(story=stories, note=texts, subject=texts, preheader=texts, name=texts)
def test_hostile_content_changes_no_tag_and_fills_no_slot(story, note, subject, preheader, name):
    week = sample_week(3)
    lead, second, third = everything(week)
    lead.update(story)
    second.update(story)
    week["note"] = note
    week["edition"] |= {"subject": subject, "preheader": preheader}
    week["newsletter"] |= {"name": name, "tagline": name, "mission": name, "postal_address": name}

    rendered = render(week)

    document = tree(rendered.html)
    assert slots_in(rendered.html) == slots_in(rendered.text) == [TOKEN, TOKEN]
    assert not list(document.iter("script", "b"))
    assert document.find(".//h2").text_content() == plain(story["title"])
    assert document.find_class("title")[-1].text_content() == third["title"]
    assert rendered.subject == plain(subject)
    assert "\n" not in rendered.subject
    assert rendered.html.count("<!--[if mso]>") == rendered.html.count("<![endif]-->") == 3
    assert rendered.html.encode()
    assert rendered.text.encode()
