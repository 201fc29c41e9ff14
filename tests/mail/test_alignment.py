"""What vouches for a mail has to belong to its From, or DMARC ignores it; `config check` says so."""

import pytest

from newsletter.config import Config
from newsletter.mail.alignment import advice, same_organisation
from tests.mail.test_dkim import key, pem


def said(**settings):
    return list(advice(Config(**settings), ["desk@news.example.org"]))


def signing_for(domain, bits=2048):
    return {"dkim_domain": domain, "dkim_selector": "n1", "dkim_key": pem(key(bits))}


@pytest.mark.parametrize("domain", ["example.org", "news.example.org"])
def test_a_signature_by_the_senders_domain_or_one_above_is_right(domain):
    assert said(**signing_for(domain)) == []


@pytest.mark.parametrize("domain", ["example.com", "mail.example.org", "ample.org"])
def test_a_signature_by_another_domain_is_told(domain):
    [sentence] = said(**signing_for(domain))
    assert "NEWSLETTER_DKIM_DOMAIN" in sentence


def test_a_key_that_is_rather_short_is_told():
    [sentence] = said(**signing_for("example.org", 1024))
    assert "2048" in sentence


@pytest.mark.parametrize(("domain", "told"), [("bounces.example.org", 0), ("example.org", 0), ("example.com", 1)])
def test_bounces_to_another_organisation_are_told(domain, told):
    assert len(said(bounce_address=f"bounces@{domain}")) == told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.example.org", "b.example.org", True),
        ("a.example.co.uk", "b.example.co.uk", True),
        ("one.co.uk", "two.co.uk", False),
        ("example.org", "example.com", False),
    ],
)
def test_names_tell_who_belongs_together(one, other, same):
    assert same_organisation(one, other) is same
