"""A brand is checked when it is set, so that no mail can look broken because of it."""

import pytest

from newsletter.editions import branding
from newsletter.editions.render import render
from newsletter.errors import UsageError
from newsletter.mail.colour import contrast
from newsletter.newsletters.models import AuditEntry, Newsletter
from tests.mail.reading import tree, words
from tests.mail.samples import one_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def keel():
    return Newsletter.objects.create(slug="keel", name="Keel", sender_email="a@b.example", postal_address="1 Quay")


def printed(newsletter):
    week = one_story()
    week["newsletter"] |= branding.facts(newsletter)
    return render(week)


def test_a_whole_brand_reaches_the_mail_and_the_record(keel):
    wanted = {
        "logo_url": "https://keel.example/logo.png", "logo_size": "96x48", "headline_font": "palatino",
        "footer": "ISSN 1234-5678 | Printed nowhere", "social": "Mastodon=https://social.example/@keel; RSS=https://keel.example/feed",
    }  # fmt: skip
    branding.change(keel, wanted, None)
    keel.refresh_from_db()
    made = printed(keel)
    logo = tree(made.html).find_class("logo")[0]
    assert (logo.get("src"), logo.get("width"), logo.get("height"), logo.get("alt")) == (
        "https://keel.example/logo.png", "96", "48", "",
    )  # fmt: skip
    assert tree(made.html).find_class("title-link")[0].get("href")
    assert "Palatino" in tree(made.html).find_class("name")[0].get("style")
    assert "Mastodon RSS" in words(made.html).replace("\xa0", "")
    assert "ISSN 1234-5678 Printed nowhere" in words(made.html)
    assert "Mastodon:\nhttps://social.example/@keel\n" in made.text
    assert "\nISSN 1234-5678\n" in made.text
    changes = AuditEntry.objects.get(verb="brand").detail["changes"]
    assert set(changes) == set(wanted)
    assert changes["headline_font"] == ["georgia", "palatino"]


def test_an_empty_text_takes_a_setting_back(keel):
    branding.change(keel, {"headline_font": "times", "theme": "plain"}, None)
    branding.change(keel, {"headline_font": "", "theme": ""}, None)
    keel.refresh_from_db()
    assert (keel.headline_font, keel.theme) == ("georgia", "roundup")


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("theme", "../secrets", "There is no theme"),
        ("theme", "frame", "There is no theme"),
        ("theme", "letter", "There is no theme"),
        ("accent", "red", "no colour"),
        ("accent", "#9b1c1f;display:none", "no colour"),
        ("logo_url", "https://keel.example/logo.svg", "PNG, JPEG or GIF"),
        ("logo_url", "https://keel.example/logo.webp", "PNG, JPEG or GIF"),
        ("logo_url", "javascript:alert(1).png", "no web address"),
        ("logo_size", "2000x10", "at most"),
        ("logo_size", "0x10", "at most"),
        ("logo_size", "large", "cannot be"),
        ("headline_font", "comic sans", "no font for mail"),
        ("text_font", "georgi", "Did you mean georgia"),
        ("footer", "|".join("abcdefg"), "6 lines"),
        ("footer", "x" * 201, "200 characters"),
        ("footer", "a\x07b", "200 characters"),
        ("social", "Mastodon", "no web address"),
        ("social", "=https://x.example", "at most 8"),
        ("social", "; ".join(["A=https://x.example"] * 9), "at most 8"),
    ],
)
def test_what_would_not_show_is_refused_and_nothing_changes(keel, column, text, message):
    with pytest.raises(UsageError) as refused:
        branding.change(keel, {column: text}, None)
    assert message in f"{refused.value} {refused.value.hint}"
    assert branding.facts(Newsletter.objects.get()) == branding.facts(Newsletter())


@pytest.mark.parametrize("accent", ["#ffe600", "#ffffff", "#000000", "#0000ff", "#777777"])
def test_no_accent_can_make_a_kicker_hard_to_read(keel, accent):
    branding.change(keel, {"accent": accent}, None)
    html = printed(keel).html
    light = tree(html).find_class("kicker")[0].get("style").rpartition("color:")[2]
    dark = html.partition(".accent{color:")[2][:7]
    assert contrast(light[:7], "#ffffff") >= 4.5
    assert contrast(dark, "#161615") >= 4.5


def test_hostile_words_in_a_brand_stay_words(keel):
    branding.change(
        keel,
        {"footer": '<script>alert(1)</script> @@TOKEN@@ {{ x }} "', "social": "<b>=https://x.example/?a=1&b=%22"},
        None,
    )
    html = printed(keel).html
    assert not list(tree(html).iter("script", "b"))
    assert html.count("@@") == 4
