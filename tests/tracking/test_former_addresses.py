"""Who moved to another address is still the same person wherever the old one comes up (T-23)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.errors import Refused
from newsletter.letters.models import Letter
from newsletter.subscribers import addresses, confirm, consent, importer, signup, suppression
from newsletter.subscribers.models import Consent, FormerAddress, SignUp, Subscriber, Subscription, Suppression
from newsletter.tracking import erase, erased
from newsletter.tracking.models import Erasure
from tests import builders

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
OLD, NEW = "reader0@example.org", "new@example.net"


@pytest.fixture(autouse=True)
def data_dir(tmp_path, settings):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def newsletter(db):
    return builders.make_newsletter(privacy_url="https://meridian.example/privacy")


@pytest.fixture
def reader(newsletter):
    """A reader who has moved from the old address to the new one."""
    (subscription,) = builders.add_readers(newsletter, 1)
    assert move(subscription, NEW)
    return Subscription.objects.select_related("subscriber", "newsletter").get()


def move(subscription, address):
    asked = signup.Asked(address=address, newsletters=[subscription.newsletter], source=SignUp.Source.MOVE)
    request = signup.ask(asked, subscription.subscriber)
    SignUp.objects.filter(pk=request.pk).update(status="mailed")
    return confirm.move(request, timezone.now())


def taken_in(newsletter, folder, *lines):
    """The outcomes of a file."""
    file = folder / "old.csv"
    file.write_text("\n".join(["email", *lines, ""]))
    return +list(importer.import_csv(file, newsletter, None))[-1].counts


def reasons():
    return dict(Suppression.objects.values_list("address_key", "reason"))


def test_who_moved_and_left_does_not_come_back_by_the_old_address(reader, newsletter, tmp_path):
    consent.unsubscribe(reader, Consent.Source.PAGE)
    assert taken_in(newsletter, tmp_path, OLD) == {"left": 1}
    assert consent.add(OLD, "", newsletter, None, "") == "left"
    assert Subscriber.objects.count() == 1


def test_who_moved_and_was_erased_does_not_come_back_and_sendgrid_forgets_both_addresses(reader, newsletter, tmp_path):
    Letter.objects.create(kind="welcome", dedupe_key="w", subscriber=reader.subscriber, transport="sendgrid")
    erase.erase(reader.subscriber)
    assert reasons() == dict.fromkeys((addresses.key(OLD), addresses.key(NEW)), "erased")
    assert set(Erasure.objects.values_list("address", "status")) == {(OLD, "pending"), (NEW, "pending")}
    assert taken_in(newsletter, tmp_path, OLD, NEW) == {"suppressed": 2}
    assert not FormerAddress.objects.exists()


def test_who_moved_gets_one_copy_though_an_old_list_is_taken_in(reader, newsletter, tmp_path):
    assert taken_in(newsletter, tmp_path, OLD, NEW) == {"present": 2}
    assert consent.add(OLD, "", newsletter, None, "") == "present"
    # Nor does a list for another newsletter make two of them
    other = builders.make_newsletter("The Parallel")
    taken_in(other, tmp_path, OLD, NEW)
    assert other.subscriptions.get().subscriber == newsletter.subscriptions.get().subscriber


def test_a_backup_from_before_the_move_does_not_bring_back_whom_was_erased_after_it(reader):
    # Given somebody else who has the old address by the time of the erasure
    Subscriber.objects.create(email=OLD, address_key=addresses.key(OLD))
    erase.erase(reader.subscriber)
    assert Subscriber.objects.get(email=OLD).erased_at is None
    # When the database is put back to before the move
    Subscriber.objects.filter(email=OLD).delete()
    Consent.objects.all()._raw_delete("default")
    for model in (Suppression, Erasure):
        model.objects.all().delete()
    then = timezone.now() - timedelta(days=3)
    Subscriber.objects.update(email=OLD, address_key=addresses.key(OLD), erased_at=None, created_at=then)
    # Then they are forgotten again, and neither address comes in by a file
    assert erased.keep() == 1
    assert not Subscriber.objects.filter(email__isnull=False).exists()
    assert reasons() == dict.fromkeys((addresses.key(OLD), addresses.key(NEW)), "erased")


def test_who_moves_to_an_address_that_was_erased_once_gets_their_mail_there(newsletter):
    gone, here = builders.add_readers(newsletter, 2)
    erase.erase(gone.subscriber)
    assert move(here, OLD)
    assert not consent.is_barred(Subscriber.objects.get(email=OLD))


def test_moving_back_and_forth_leaves_one_former_address(reader):
    assert move(reader, OLD)
    assert FormerAddress.objects.get().address == NEW


@pytest.mark.parametrize("reason", ["complaint", "manual", "hard_bounce"])
def test_nobody_releases_whoever_was_erased_whatever_stood_before(reader, newsletter, tmp_path, reason):
    suppression.decide(addresses.key(NEW), reason, "", None)
    erase.erase(reader.subscriber)
    with pytest.raises(Refused, match="erased at their wish"):
        suppression.release(addresses.key(NEW), None, "the mailbox works again")
    assert taken_in(newsletter, tmp_path, NEW) == {"suppressed": 1}
    # And a complaint still keeps a new sign-up's letter away; what only bounced does not
    assert reasons()[addresses.key(NEW)] == ("erased" if reason == "hard_bounce" else reason)


def test_no_letter_waits_for_whoever_is_erased(reader, newsletter):
    other = builders.make_newsletter("The Parallel", privacy_url=newsletter.privacy_url)
    signup.ask(signup.Asked(address=NEW, newsletters=[other]))
    signup.ask(
        signup.Asked(address="third@example.net", newsletters=[other], source=SignUp.Source.MOVE), reader.subscriber
    )
    signup.answer_waiting()
    assert {each.address for each in Letter.objects.all()} == {NEW, "third@example.net"}
    erase.erase(reader.subscriber)
    assert not Letter.objects.exists()
