"""Whatever a newsletter, an edition or a story is called, a letter stays whole: hostile words are words."""

import pytest
from hypothesis import example, given, settings

from newsletter.letters import render
from newsletter.mail.content import plain
from newsletter.mail.slots import slots_in
from newsletter.transports.merge import BatchMailing
from tests.editions.test_render_hostile import texts
from tests.gates.mails import READERS, letter
from tests.letters.samples import DUE, FACTS
from tests.mail.reading import tree
from tests.mail.standards import assert_standards
from tests.transports.mailing import reader

TO = reader(1, reference="letter.5f0c9a3b7d21e846")
KINDS = {
    **{kind: READERS[kind] for kind in ("confirmation", "welcome", "goodbye")},
    **{kind: FACTS[kind] for kind in ("edition-held", "alerts", "last-look")},
}


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=8)
@given(name=texts, subject=texts, logo=texts, address=texts)
@example(name="@@NAME_HTML@@", subject="", logo="", address="")
def test_hostile_names_change_no_tag_and_fill_no_slot(kind, name, subject, logo, address):
    # Given a newsletter, its brand and an edition named by an enemy
    made = letter(kind, {**KINDS[kind], **_named(kind, name, subject)})
    about = made.newsletter
    about.name, about.sender_name, about.postal_address = name, name, address
    about.logo_url, about.logo_size = f"https://keel.example/{logo}", "56x56"

    mail = render.content_of(made)

    # Then the letter has the parts that it always has, and no other
    document = tree(mail.html)
    assert not list(document.iter("script", "b", "iframe", "form"))
    assert [each.text_content() for each in document.find_class("name")] == [plain(name)]
    assert len(document.findall(".//h1")) == 1
    assert slots_in(mail.html + mail.text + mail.subject) == []
    assert len(mail.subject.splitlines()) == 1
    # And it keeps every standard when it goes out
    assert_standards(BatchMailing(mail, "b", 1, DUE).message(TO))


def _named(kind: str, name: str, subject: str) -> dict[str, object]:
    if kind == "confirmation":
        return {"names": (name, subject)}
    return {"subject": subject} if "subject" in KINDS[kind] else {}
