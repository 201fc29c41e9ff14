"""The round-up's HTML holds what mail clients, screen readers and the law ask of it."""

import re
from itertools import pairwise

import pytest

from newsletter import links
from newsletter.editions.render import render
from newsletter.mail.colour import contrast
from newsletter.mail.contrast import dim
from newsletter.mail.slots import TOKEN, slots_in
from tests.mail.reading import addresses, outlook_view, style_sheets, tree, words
from tests.mail.samples import everything, one_story, rtl_week, sample_week, ugly_week, written_week

OUR_PLACES = (
    "https://keel.example/",
    "https://pictures.keel.example/",
    "https://herald.example/",
    "https://maps.example/",
)
WEEKS = {
    "good": sample_week(),
    "ugly": ugly_week(),
    "one story": one_story(),
    "forty stories": sample_week(40),
    "from right to left": rtl_week(),
    "with written entries": written_week(),
    "with written entries from right to left": written_week(rtl_week()),
}


@pytest.fixture(params=WEEKS)
def html(request):
    return render(WEEKS[request.param]).html


def test_the_same_snapshot_gives_the_same_bytes():
    assert render(sample_week()) == render(sample_week())


def test_it_opens_with_the_doctype_language_and_title(html):
    assert html.startswith("<!DOCTYPE html>")
    root = tree(html)
    wrapper = root.find('.//div[@role="article"]')
    for element in (root, wrapper):
        assert element.get("lang") in {"en", "ar"}
        assert element.get("dir") == ("rtl" if element.get("lang") == "ar" else "ltr")
    assert wrapper.get("aria-label") == root.findtext(".//title")


def test_the_token_stands_in_the_links_for_choosing_and_for_leaving_and_nowhere_else(html):
    assert slots_in(html) == [TOKEN, TOKEN]
    assert html.count("@@") == 4
    assert [url for url in addresses(html) if "@@" in url] == [links.preferences(TOKEN), links.unsubscribe(TOKEN)]


def test_every_table_is_presentation(html):
    tables = list(tree(outlook_view(html)).iter("table"))
    assert tables
    for table in tables:
        assert table.get("role") == "presentation"
        assert (table.get("cellpadding"), table.get("cellspacing"), table.get("border")) == ("0", "0", "0")


def test_every_picture_has_whole_sizes_and_an_alt(html):
    for picture in tree(html).iter("img"):
        assert picture.get("width").isdecimal()
        assert picture.get("height").isdecimal()
        assert picture.get("alt") is not None


def test_everything_with_words_carries_its_style(html):
    for element in tree(html).body.iter("td", "p", "h1", "h2", "h3", "a"):
        assert element.get("style"), element.tag


def test_headings_skip_no_level(html):
    levels = [int(element.tag[1]) for element in tree(html).iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_only_sheets_for_phones_and_dark_mode_are_left_and_all_their_rules_win(html):
    sheets = style_sheets(html)
    together = "".join(sheets)
    for kept in ("max-width:599px", "prefers-color-scheme:dark", "[data-ogsc]", "[data-ogsb]"):
        assert kept in together
    for declaration in re.findall(r"[{;]([a-z-]+:[^{};]+)(?=[;}])", together.replace(":root{", "{")):
        assert declaration.endswith("!important") or "color-scheme" in declaration
    assert len(together.encode()) <= 8_192


def test_no_rule_in_a_tag_beats_those_sheets(html):
    assert not any("!important" in element.get("style") for element in tree(html).xpath("//*[@style]"))


def test_every_class_in_a_sheet_is_one_that_the_mail_uses():
    used = {name for week in WEEKS.values() for name in re.findall(r'class="([^"]*)"', render(week).html)}
    named = set(re.findall(r"\.([a-z]\S*?)(?=[{, ])", "".join(style_sheets(render(sample_week()).html))))
    assert named <= {name for names in used for name in names.split()}


def test_the_ghost_tables_for_outlook_are_whole(html):
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == 3
    seen = outlook_view(html)
    assert seen.count("<table") == seen.count("</table>")
    assert seen.count("<td") == seen.count("</td>")


def test_outlook_never_cuts_a_picture_to_the_height_of_a_line(html):
    for picture in tree(html).iter("img"):
        for around in picture.iterancestors("h2", "h3", "p"):
            assert "mso-line-height-rule" not in around.get("style")
    for styled in tree(html).xpath('//*[contains(@style, "mso-line-height-rule")]'):
        assert re.search("mso-line-height-rule:exactly; line-height", styled.get("style"))


def test_nothing_is_loaded_but_the_pictures_and_nothing_follows_the_reader(html):
    for url in addresses(html):
        assert url.startswith((*OUR_PLACES, "https://news.example.org/u/", "https://news.example.org/p/"))
    assert not re.search(r"url\(|<(script|form|iframe|link|base|object)\b", html)


def test_a_screen_reader_meets_every_story_once_with_its_headline_as_the_link():
    week = sample_week()
    found = [a for a in tree(render(week).html).iter("a") if a.getparent().tag in {"h2", "h3"}]
    assert [a.get("href") for a in found] == [item["url"] for item in everything(week)]
    assert [a.text_content() for a in found] == [item["title"] for item in everything(week)]
    assert all(
        (a.find("img") is not None) == bool(item["image"]) for a, item in zip(found, everything(week), strict=True)
    )


def test_it_says_what_the_edition_says():
    seen = words(render(sample_week()).html)
    for expected in (
        "The Even Keel Foreign policy, soberly Thursday 26 November 2026 No. 12",
        "— Maren Holt, editor Analysis · Africa The ceasefire",
        "Photo: Ikram Abdi / Eastlight",
        "By Amara Diallo, Nairobi correspondent; Tomás Reyes",
        "By Dana Whitlock and Peter Osei · Photo: Ministry handout",
        "You get this letter because you signed up for The Even Keel.",
        "The Even Keel, 14 Ropewalk, Port Alder, PA 20417",
        "counts the cost before it pays it.",
    ):
        assert expected in seen


def test_a_kicker_does_not_repeat_the_name_of_its_section():
    kickers = [p.text for p in tree(render(sample_week()).html).find_class("kicker")]
    assert kickers[:3] == ["Analysis · Africa", "Asia-Pacific", "Europe"]


def test_what_nobody_wrote_leaves_no_empty_place():
    html = render(ugly_week()).html
    assert not [p for p in tree(html).iter("p", "h1", "h2", "h3") if not p.text_content().strip()]
    assert "Photo: ·" not in words(html)
    assert " By ·" not in words(html)


def test_a_story_without_a_proper_address_is_printed_without_a_link():
    week = one_story()
    everything(week)[0]["url"] = "javascript:alert(1)"
    html = render(week).html
    assert "The ceasefire" in words(html)
    assert "javascript" not in html
    assert [a.text_content() for a in tree(html).iter("a")] == ["The Even Keel", "Choose what you get", "Unsubscribe"]


def test_the_lead_photo_keeps_its_proportions_for_outlook():
    week = one_story()
    for size, height in [((1200, 800), "357"), ((800, 1200), "804"), ((None, None), "357"), ((1, 99999), "1728")]:
        everything(week)[0]["image"] |= dict(zip(("width", "height"), size, strict=True))
        assert tree(render(week).html).find(".//img").get("height") == height


def test_a_special_edition_and_a_correction_say_so():
    week = one_story()
    for kind, folio in [("special", "Special edition · No. 12"), ("correction", "Correction · No. 12")]:
        week["edition"]["kind"] = kind
        assert folio in words(render(week).html)
        assert folio in render(week).text


def test_an_edition_from_right_to_left_is_mirrored_and_keeps_our_words_english():
    html = render(rtl_week()).html
    assert "text-align:left" not in tree(html).find_class("lead")[0].get("style")
    assert {img.get("align") for img in tree(html).find_class("thumb")} == {"left"}
    assert tree(html).find_class("small")[0].get("lang") == "en"
    assert tree(html).find_class("title")[-1].get("dir") == "ltr"
    assert "By " not in words(html)
    assert "Photo:" not in words(html)


def test_a_french_newsletter_s_mail_speaks_french_throughout():
    week = written_week(sample_week())
    week["newsletter"]["language"] = "fr-CA"
    mail = render(week)
    said = words(mail.html)
    for ours in ("jeudi 26 novembre 2026", "N° 12", "Par Amara Diallo", "Vous recevez cette lettre", "Se désinscrire"):
        assert ours in said
    assert "Choisir ce que vous recevez :" in mail.text
    assert not tree(mail.html).xpath("//body//*[@lang='en']")
    assert not re.search(r"\b(Photo: |Unsubscribe|in the browser|26 November|By Amara)", said)


def test_a_foreign_headline_runs_its_own_way():
    titles = tree(render(ugly_week()).html).find_class("title")
    assert [title.get("dir") for title in titles].count("rtl") == 1


def test_a_note_among_the_stories_runs_its_own_way():
    html = render(written_week(rtl_week())).html
    assert tree(html).find_class("words")[0].get("dir") == "ltr"


def test_an_accent_that_nobody_could_read_is_corrected_in_both_schemes():
    html = render(ugly_week()).html
    light = re.search(r"color:(#\w{6})", tree(html).find_class("kicker")[0].get("style"))[1]
    dark = re.search(r"\.accent\{color:(#\w{6})", html)[1]
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(dark, "#161615") >= 4.5


def test_the_picture_that_counts_is_no_text():
    week = sample_week()
    week["newsletter"]["links"] = "personal"
    html = render(week).html
    assert "@@PIXEL@@" in html
    assert not dim(html)


def test_every_text_colour_reads_on_its_ground():
    html = render(sample_week()).html
    for element in tree(html).xpath('//body//*[contains(@style, "color:#") and not(self::td or self::div)]'):
        if found := re.search(r"(?<!-)color:(#\w{6})", element.get("style")):
            assert contrast(found[1], "#fbfaf7") >= 4.5
    for colour in re.findall(r"(?<!-)color:(#\w{6})", "".join(style_sheets(html))):
        assert contrast(colour, "#161615") >= 4.5
