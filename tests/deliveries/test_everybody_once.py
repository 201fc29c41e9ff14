"""An edition reaches every reader once, and the ledger says so."""

import email
import email.policy

import pytest

from newsletter.deliveries import plan, status
from newsletter.subscribers import tokens
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_every_active_reader_gets_one_copy(newsletter, transport, sent):
    # Given ten readers and an approved edition
    builders.add_readers(newsletter, 10)
    edition = sent(builders.scheduled_edition(newsletter), transport)
    # Then each address was offered one copy, and the edition is through
    addresses = [copy.reader.address for copy in transport.copies]
    assert sorted(addresses) == sorted(f"reader{n}@example.org" for n in range(10))
    assert edition.status == "sent"


def test_the_ledger_balances_after_a_send(newsletter, transport, sent):
    builders.add_readers(newsletter, 7)
    builders.add_readers(newsletter, 2, status="paused", first=50)
    found = status.audit(sent(builders.scheduled_edition(newsletter), transport))
    assert found.balanced
    assert (found.candidates, found.excluded, found.counts.accepted) == (9, {"paused": 2}, 7)


def test_an_audit_names_what_does_not_add_up(newsletter, transport, sent):
    # Given a sent edition whose ledger somebody changed by hand
    builders.add_readers(newsletter, 4)
    edition = sent(builders.scheduled_edition(newsletter), transport)
    edition.deliveries.order_by("pk")[:1].get().delete()
    # Then the audit does not balance, and says where
    found = status.audit(edition)
    assert not found.balanced
    assert found.faults[0] == "4 readers were planned, 3 have a delivery"


def test_every_copy_is_a_clean_message_with_its_readers_own_token(newsletter, transport, sent):
    builders.add_readers(newsletter, 3)
    sent(builders.scheduled_edition(newsletter), transport)
    for copy in transport.copies:
        message = email.message_from_bytes(copy.message, policy=email.policy.default)
        assert not [defect for part in message.walk() for defect in part.defects]
        link = message["List-Unsubscribe"].strip("<>")
        subscription = tokens.subscription_for(link.rpartition("/")[2])
        assert subscription is not None
        assert subscription.subscriber.email == copy.reader.address
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Message-ID"] == f"<{copy.reader.reference}@news.example.org>"
        assert link in message.get_body(("html",)).get_content()
        assert link in message.get_body(("plain",)).get_content()
        assert "1 Harbour Street" in message.get_body(("plain",)).get_content()


def test_sending_takes_no_query_per_reader(newsletter, transport, planned, django_assert_max_num_queries):
    from newsletter.deliveries import send

    builders.add_readers(newsletter, 200)
    transport.batch_size = 200
    edition = builders.scheduled_edition(newsletter)
    plan.begin_due()
    with django_assert_max_num_queries(25):
        plan.plan_next(200)
        plan.plan_next(200)
    with django_assert_max_num_queries(25):
        assert send.send_next(transport)
    assert status.audit(edition).counts.accepted == 200
