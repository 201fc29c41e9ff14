"""Who keeps a mailbox."""

import pytest

from newsletter.subscribers.mailboxes import Mailbox, of


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ada@gmail.com", Mailbox.GMAIL),
        ("ada@GoogleMail.com", Mailbox.GMAIL),
        ("ada@hotmail.com", Mailbox.OUTLOOK),
        ("ada@hotmail.co.uk", Mailbox.OUTLOOK),
        ("ada@live.fr", Mailbox.OUTLOOK),
        ("ada@yahoo.com.br", Mailbox.YAHOO),
        ("ada@aol.com", Mailbox.YAHOO),
        ("ada@me.com", Mailbox.APPLE),
        ("ada@example.org", Mailbox.OTHER),
    ],
)
def test_the_domain_tells_who_keeps_the_mailbox(address: str, mailbox: Mailbox) -> None:
    assert of(address) == mailbox


@pytest.mark.parametrize(
    "address",
    ["ada@live.example.org", "ada@mail.gmail.com", "ada@outlook.museum", "ada@yahoo", "ada@gmail.com.evil.org", ""],
)
def test_a_domain_that_only_looks_like_it_is_some_other(address: str) -> None:
    assert of(address) == Mailbox.OTHER
