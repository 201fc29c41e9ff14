"""Static utm_* tags: on links into the own site that have none; never elsewhere, never in the archive."""

import pytest

from newsletter.editions.render import content, render
from newsletter.editions.tagging import Tags
from newsletter.errors import UsageError
from newsletter.newsletters import utm
from tests.mail.reading import addresses
from tests.mail.samples import everything, one_story, sample_week

HERE = "https://news.keel.example"
FIXED = "utm_source=weekly&utm_medium=email"
TAGS = Tags(FIXED, "https://keel.example/", HERE)


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://keel.example/a", f"https://keel.example/a?{FIXED}&utm_content=x-1"),
        ("https://www.keel.example/a?id=5#part", f"https://www.keel.example/a?id=5&{FIXED}&utm_content=x-1#part"),
        ("https://keel.example/a?utm_source=other", None),
        ("https://keel.example/a?UTM_Campaign=", None),
        ("https://other.example/keel.example", None),
        ("https://notkeel.example/", None),
        (f"{HERE}/u/x", None),
        ("mailto:desk@keel.example", None),
        ("/relative", None),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_what_is_tagged_and_what_is_left_alone(url, made):
    assert TAGS.on(url, "x-1") == (made or url)


def test_without_tags_or_home_nothing_is():
    assert Tags("", "https://keel.example/", HERE).on("https://keel.example/a", "x-1") == "https://keel.example/a"
    assert Tags(FIXED, "", HERE).on("https://keel.example/a", "x-1") == "https://keel.example/a"


def week():
    made = sample_week()
    made["newsletter"] |= {"utm": FIXED, "home_url": "https://keel.example/"}
    return made


def test_every_link_into_the_own_site_says_its_section_and_place_and_no_other_link_has_any():
    made = render(week())
    own = [url for url in addresses(made.html) if url.startswith("https://keel.example/")]
    assert all(FIXED in url for url in own)
    assert len({url.partition("utm_content=")[2] for url in own}) == len(own)  # each place its own
    assert not any("utm_" in url for url in addresses(made.html) if not url.startswith("https://keel.example/"))
    assert "utm_content=masthead" in own[0]
    # The text part leads to the same places
    assert all(url in made.text for url in own if "content=note" not in url)


def test_of_the_links_at_the_foot_those_into_the_own_site_are_tagged():
    made = one_story()
    own, other = "https://keel.example/podcast", "https://social.example/@keel"
    social = [{"name": "Mastodon", "url": other}, {"name": "Podcast", "url": own}]
    made["newsletter"] |= {"utm": FIXED, "home_url": "https://keel.example/", "social": social}
    found = addresses(render(made).html)
    assert {other, f"{own}?{FIXED}&utm_content=foot-2"} <= set(found)


def test_a_note_is_tagged_in_both_parts():
    made = one_story()
    made["newsletter"] |= {"utm": FIXED, "home_url": "https://keel.example/"}
    made["note"] = "See [this](https://keel.example/x) and [that](https://other.example/y)."
    mail = render(made)
    tagged = f"https://keel.example/x?{FIXED}&utm_content=note"
    assert tagged in addresses(mail.html)
    assert tagged in mail.text.splitlines()
    assert "https://other.example/y" in addresses(mail.html)


def test_the_archive_has_none():
    page = content(week())
    assert "utm_" not in str(page)


def test_hostile_addresses_stay_addresses():
    made = week()
    for number, item in enumerate(everything(made)):
        item["url"] = f'https://keel.example/"><script>{number}?a=@@TOKEN@@&b={{{{ x }}}}'
    mail = render(made)
    assert "<script>" not in mail.html
    assert mail.html.count("@@TOKEN@@") == 2


def test_tags_are_read_as_people_write_them():
    assert utm.read(" source = weekly ; utm_medium=email, campaign=round up") == (
        "utm_source=weekly&utm_medium=email&utm_campaign=round+up"
    )
    assert utm.read("") == ""


@pytest.mark.parametrize("text", ["content=x", "source", "source=", 'source="x"', "colour=red", "source=a\nb"])
def test_other_tags_are_refused(text):
    with pytest.raises(UsageError):
        utm.read(text)
