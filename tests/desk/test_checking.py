"""Check and send: what is wrong and where, what differs from last time, and who may let it go."""

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletter.editions import draft, edit
from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter
from tests import builders
from tests.desk.conftest import messages_on

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def check(client, edition):
    return client.get(reverse("desk-check", args=[edition.pk])).text


def act(client, name, edition, **fields):
    return client.post(reverse(name, args=[edition.pk]), fields, follow=True).text


def test_a_fault_is_told_with_the_way_to_it_and_passes_with_a_reason(sender, edition):
    item = edition.items.first()
    type(item.article).objects.filter(pk=item.article_id).update(byline=[])
    page = check(sender, edition)
    assert f'href="{reverse("desk-item", args=[edition.pk, item.pk])}">Mend it' in page
    key = f"no-byline:{item.pk}"
    assert f'value="{key}"' in page
    act(sender, "desk-waive", edition, key=key, reason="It is unsigned")
    assert "“It is unsigned”" in check(sender, edition)
    act(sender, "desk-waive", edition, key=key, again="1")
    assert "“It is unsigned”" not in check(sender, edition)


def test_the_subject_is_cut_as_inboxes_cut_it(sender, edition):
    edit.edit_words(edition, subject="word " * 20, preheader="", note="")
    assert ("word " * 20)[:35].strip() in check(sender, edition)
    assert "…" in check(sender, edition)


def test_what_differs_from_last_time_is_told(sender, newsletter):
    builders.add_readers(newsletter, 3)
    for number in range(6):
        builders.make_article(f"Old {number}", hours_ago=30 + number)
    last = draft.compose_regular(newsletter).edition
    act(sender, "desk-approve", last)
    Edition.objects.update(status="sent", started_at=timezone.now(), planned=100)
    Newsletter.objects.update(sender_name="Another name")
    builders.make_article("New", hours_ago=1)
    page = check(sender, draft.compose_special(newsletter, days=1).edition)
    assert "sender name" in page
    assert "worth a look" in page
    assert "<td>100</td><td>3</td>" in page


def test_what_is_sent_now_can_be_taken_back_for_a_minute(sender, edition):
    act(sender, "desk-approve", edition)
    act(sender, "desk-schedule", edition, now="1")
    edition.refresh_from_db()
    assert 50 < (edition.send_at - timezone.now()).total_seconds() <= 60
    content = edition.content_hash
    act(sender, "desk-take-back", edition)
    edition.refresh_from_db()
    assert (edition.status, edition.content_hash) == ("held", content)
    assert "taken back by" in edition.status_reason


def test_where_two_are_asked_for_the_one_who_changed_it_last_does_not_approve(as_role, edition):
    Newsletter.objects.update(second_person=True)
    sender, admin = as_role("sender"), as_role("admin")
    act(sender, "desk-words", edition, subject="Mine", preheader="", note="")
    assert "asks for a second person" in check(sender, edition)
    assert messages_on(act(sender, "desk-approve", edition)) == [
        "You changed it last; this newsletter asks for somebody else to approve it."
    ]
    assert "asks for a second person" not in check(admin, edition)
    act(admin, "desk-approve", edition)
    edition.refresh_from_db()
    assert edition.status == "approved"


def test_this_week_tells_what_is_missing_and_who_acts(sender, newsletter):
    page = sender.get(reverse("desk")).text
    assert "Compose the next edition of The Meridian" in page
    builders.make_article("Story", byline=[])
    draft.compose_regular(newsletter)
    page = sender.get(reverse("desk")).text
    assert "It has 1 story; a week has at least 3." in page
    assert "1 story has no byline." in page
    assert "Who may: sender@example.org" in page
    assert page.count('class="button primary"') == 1


def test_editions_are_listed_page_by_page(sender, newsletter):
    now = timezone.now()
    Edition.objects.bulk_create(
        Edition(newsletter=newsletter, kind="special", number=n, stories_from=now, stories_until=now)
        for n in range(1, 33)
    )
    page = sender.get(reverse("desk-editions")).text
    assert "No.&nbsp;32" in page
    assert "No.&nbsp;2<" not in page
    older = page.partition('href="?before=')[2].partition('"')[0]
    assert "No.&nbsp;2<" in sender.get(reverse("desk-editions"), {"before": older}).text
