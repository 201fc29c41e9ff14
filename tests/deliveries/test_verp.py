"""A bounce's address tells whose copy failed, and nobody can make one up (S-20)."""

import pytest

from newsletter import config
from newsletter.deliveries import verp
from newsletter.deliveries.verp import Reference
from newsletter.errors import ConfigError

REFERENCE = "00000000000000e1.42"


@pytest.fixture(autouse=True)
def bounce_address(monkeypatch):
    monkeypatch.setenv("NEWSLETTER_BOUNCE_ADDRESS", "Bounces@mail.meridian.example")
    config.current.cache_clear()
    yield
    monkeypatch.undo()
    config.current.cache_clear()


def test_an_address_names_its_copy():
    address = verp.address_for(REFERENCE)
    assert address.startswith(f"bounces+{REFERENCE}.")
    assert address.endswith("@mail.meridian.example")
    assert verp.read(address) == Reference("00000000000000e1", 42)


def test_servers_may_change_its_case():
    assert verp.read(f"<{verp.address_for(REFERENCE).upper()}>") == Reference("00000000000000e1", 42)


def test_no_letter_of_it_can_be_changed():
    local, _, domain = verp.address_for(REFERENCE).partition("@")
    for at in range(len("bounces+"), len(local)):
        for letter in "0a2.":
            forged = local[:at] + letter + local[at + 1 :]
            assert forged == local or verp.read(f"{forged}@{domain}") is None


@pytest.mark.parametrize(
    "address", ["", "@", "desk@meridian.example", "bounces+@x", "bounces+e1.42.x@x", "\0+é@x", "a" * 9999]
)
def test_what_we_did_not_make_names_nobody(address):
    assert verp.read(address) is None


def test_the_longest_fits():
    name, delivery = "b" * 16, 10**13 - 1
    address = verp.address_for(f"{'f' * 16}.{delivery}").replace("bounces", name, 1)
    assert len(address.partition("@")[0]) <= 64


def test_a_former_secret_key_is_still_known(settings):
    address = verp.address_for(REFERENCE)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert verp.read(address) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert verp.read(address) is None


@pytest.mark.parametrize(
    "text", ["bounces", "b+x@example.org", "a-very-long-name-of-it@example.org", "b@-x", "@example.org"]
)
def test_an_address_that_no_such_name_can_be_made_of_is_refused(text):
    with pytest.raises(ConfigError):
        config.load({"NEWSLETTER_BOUNCE_ADDRESS": text, "NEWSLETTER_CONFIG": "/dev/null"})
