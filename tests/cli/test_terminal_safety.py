"""Words from outside reach the terminal as words: no control character of theirs moves its cursor (T-33)."""

import pytest
from django.utils import timezone

from newsletter.cli.base import complain, print_table, printable, say
from newsletter.deliveries import plan, send
from newsletter.deliveries.models import Delivery
from newsletter.editions.models import Edition
from newsletter.errors import Exit, NewsletterError
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Newsletter, Staff
from newsletter.subscribers.models import Subscriber
from newsletter.transports.memory import MemoryTransport

pytestmark = pytest.mark.django_db

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\r\u2028\x7f"


def clean(text):
    return all(char.isprintable() or char == "\n" for char in text)


def test_control_characters_become_visible():
    assert printable("a\x1b[2Jb\x9bc\u202ed\u2028e\ud800") == r"a\x1b[2Jb\x9bc\u202ed\u2028e\ud800"
    assert printable("Łukasz 李 ليلى 🌻\nnext") == "Łukasz 李 ليلى 🌻\nnext"


def test_whatever_is_said_printed_or_complained_is_clean(capsys):
    say(EVIL)
    complain(NewsletterError(EVIL, hint=EVIL))
    print_table(["a", "b"], [(EVIL, 1), ("x\ny", 2)])
    captured = capsys.readouterr()
    assert clean(captured.out)
    assert clean(captured.err)
    assert len(captured.out.splitlines()) == 3


def test_columns_stay_aligned_in_any_script(capsys):
    print_table(["name", "n"], [("李小龙", 1), ("Zoe\u0308", 22), ("Ada", 333)], right=(1,))
    assert capsys.readouterr().out.splitlines() == ["name      n", "李小龙    1", "Zoe\u0308      22", "Ada     333"]


def test_no_command_lets_hostile_rows_through(terminal, edition, tmp_path):
    # Given rows that were poisoned, whatever way they got in
    plan.begin_due()
    while plan.plan_next(batch_size=3):
        pass
    send.send_next(MemoryTransport(batch_size=3))
    Edition.objects.update(subject=EVIL, preheader=EVIL, status_reason=EVIL)
    Newsletter.objects.update(name=EVIL, sender_name=EVIL, tagline=EVIL)
    Article.objects.update(title=EVIL, dek=EVIL, collected_at=timezone.now())
    Subscriber.objects.update(name=EVIL)
    Delivery.objects.update(reason=EVIL)
    Staff.objects.create(email="ed@example.org", name=EVIL)
    file = tmp_path / "readers.csv"
    file.write_text(f'email,name\n"{EVIL}@example.org",x\n')
    pk = edition.pk
    delivery = Delivery.objects.first()
    # When every command that shows them runs, as text and as JSON
    for arguments in [
        ("status",),
        ("list",),
        ("show",),
        ("edition", "list"),
        ("edition", "show", pk),
        ("edition", "audit", pk),
        ("delivery", "list", "--edition", pk),
        ("delivery", "show", delivery.pk),
        ("batch", "list", "--edition", pk),
        ("batch", "show", delivery.batch_id),
        ("staff", "list"),
        ("subscriber", "show", "reader0@example.org"),
        ("subscriber", "import", file),
        ("article", "list"),
    ]:
        for more in ((), ("--json",)):
            assert terminal(*arguments, *more) in (Exit.OK, Exit.PARTLY), terminal.err
            # Then nothing but plain text comes out
            assert clean(terminal.out), arguments
            assert clean(terminal.err), arguments
            assert terminal.out + terminal.err
