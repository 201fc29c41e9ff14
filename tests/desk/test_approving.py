"""What is approved is what the page showed, by whoever proved who they are."""

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.urls import reverse

from newsletter import config
from newsletter.letters.models import Letter
from newsletter.newsletters.models import Newsletter, Staff
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def mail_leaves_the_house() -> Iterator[None]:
    before = dict(config._flags)
    config.set_flags({"transport": "smtp", "smtp_url": "smtp://127.0.0.1:1"})
    yield
    config._flags.clear()
    config.set_flags(before)


def check(client, edition):
    return client.get(reverse("desk-check", args=[edition.pk])).text


def act(client, name, edition, **fields):
    return client.post(reverse(name, args=[edition.pk]), fields, follow=True).text


def hidden(page, name):
    return re.search(f'name="{name}" value="([^"]+)"', page)[1]


def shown_hash(page):
    return re.search("<code>([0-9a-f]{12})</code>", page)[1]


def test_the_hash_that_is_shown_is_the_one_that_is_approved(sender, edition):
    page = check(sender, edition)
    after = act(sender, "desk-approve", edition, seen=hidden(page, "seen"))
    edition.refresh_from_db()
    assert shown_hash(page) == shown_hash(after) == edition.content_hash[:12]


def test_a_count_that_changed_since_the_page_was_opened_is_told(sender, edition):
    builders.add_readers(edition.newsletter, 3)
    page = check(sender, edition)
    builders.add_readers(edition.newsletter, 1, first=50)
    said = messages_on(act(sender, "desk-approve", edition, readers=hidden(page, "readers")))
    assert said == ["It goes to 4 readers; the page said 3.", "Approved. Nothing goes out before you name its time."]
    cache.clear()
    said = messages_on(act(sender, "desk-schedule", edition, now="1", readers="4"))
    assert said == ["It goes out in a minute; until then you can take it back."]


def test_who_sends_sets_up_the_second_step_first_where_mail_leaves_the_house(sender, edition, mail_leaves_the_house):
    assert "Who sends signs in with a second step." in check(sender, edition)
    told = act(sender, "desk-approve", edition)
    assert messages_on(told) == ["Who sends signs in with a second step. Set it up here; nothing was done yet."]
    edition.refresh_from_db()
    assert edition.status == "draft"
    # What stops a send waits for nothing
    type(edition).objects.update(status="sending")
    act(sender, "desk-pause", edition)
    edition.refresh_from_db()
    assert edition.status == "paused"
    act(sender, "desk-resume", edition)
    assert type(edition).objects.get().status == "paused"
    # With it, they go on
    Staff.objects.update(totp_secret="x")
    sender.force_login(Staff.objects.get(role="sender"))
    act(sender, "desk-resume", edition)
    assert type(edition).objects.get().status == "sending"


def test_one_bad_address_and_no_test_goes_to_anybody(sender, edition):
    assert messages_on(act(sender, "desk-test", edition, to="ada@example.org, bad"))
    assert not Letter.objects.exists()


def test_warnings_of_one_kind_pass_together(sender, edition):
    for item in edition.items.all():
        type(item.article).objects.filter(pk=item.article_id).update(byline=[])
    page = check(sender, edition)
    assert "4 × no byline" in page
    keys = re.findall(r'name="key" value="(no-byline:\d+)"', page.partition("Let all 4 pass")[2])[:4]
    act(sender, "desk-waive", edition, key=keys, reason="Unsigned")
    assert edition.waivers.filter(reason="Unsigned").count() == 4


def test_what_no_form_of_the_edition_mends_leads_to_where_it_is_mended(as_role, edition):
    Newsletter.objects.update(postal_address="")
    way = f'href="{reverse("desk-newsletter", args=[edition.newsletter.slug])}">Mend it'
    assert way in check(as_role("admin"), edition)
    assert way not in check(as_role("sender"), edition)


def test_a_new_installation_is_told_what_to_do_first(as_role, newsletter):
    Newsletter.objects.update(postal_address="")
    page = as_role("admin").get(reverse("desk")).text
    steps = re.findall(r"<li><a href=\"([^\"]+)\"", page.partition("first-steps")[2].partition("</ol>")[0])
    assert steps == [reverse("desk-feeds"), reverse("desk-readers"), reverse("desk-newsletter", args=[newsletter.slug])]
    Newsletter.objects.update(postal_address="1 Main Street")
    builders.make_article("Story")
    builders.add_readers(newsletter, 1)
    assert "first-steps" not in as_role("admin").get(reverse("desk")).text


def test_one_s_own_browser_is_not_offered_to_be_signed_out(sender, edition):
    page = sender.get(reverse("desk-me")).text
    assert "<strong>this one</strong>" in page
    assert "Sign it out" not in page
