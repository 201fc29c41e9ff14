"""What is taken for an address, and which spellings are one mailbox."""

import pytest

from newsletter.errors import UsageError
from newsletter.subscribers import addresses

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  ada@example.org\r\n", "ada@example.org"),
        ("Ada.Byron@EXAMPLE.ORG", "Ada.Byron@example.org"),
        ("ada@xn--mller-kva.example", "ada@müller.example"),
        ("ada@MÜLLER.example", "ada@müller.example"),
        ("o'brien+weekly@example.org", "o'brien+weekly@example.org"),
        ("!#$%&'*+-/=?^_`{|}~@example.net", "!#$%&'*+-/=?^_`{|}~@example.net"),
        ("l" * 64 + "@example.org", "l" * 64 + "@example.org"),
    ],
)
def test_an_address_keeps_its_local_part_and_a_readable_domain(given, stored):
    assert addresses.clean(given) == stored
    assert addresses.clean(stored) == stored


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "@-sign"),
        ("ada", "@-sign"),
        ("@example.org", "before the @-sign"),
        ("ada@", "after the @-sign"),
        ("ada@example", "period"),
        ("ada@localhost", "period"),
        ("ada@[127.0.0.1]", "not allowed"),
        ("-oQ/tmp/x@example.org", "dash"),
        ("ada@-example.org", "hyphen"),
        ("ada@example..org", "two periods"),
        (".ada@example.org", "period"),
        ("ada@example.org, eve@example.org", "invalid characters"),
        ("ada@example.org;eve@example.org", "invalid characters"),
        ("Ada <ada@example.org>", "angle brackets"),
        ('"ada byron"@example.org', "Quoting"),
        ("ada@example.org\r\nBcc: eve@example.org", "invalid characters"),
        ("ada\r\n@example.org", "invalid characters"),
        ("ada\0@example.org", "invalid characters"),
        ("ada\x1b[2J@example.org", "invalid characters"),
        ("ada\u2028@example.org", "not supported"),
        ("ada@exam\u200bple.org", "unsafe"),
        ("ada@example.org\u2029", "unsafe"),
        ("ada@\u202eexample.org", "unsafe"),
        ("l" * 65 + "@example.org", "too many"),
        ("d@" + ".".join(["long" * 15] * 4) + ".example.org", "too long"),
        ("d@" + "l" * 64 + ".example", "too many"),
        ("ünï@example.org", "only ASCII letters"),
        ("ａｄａ@example.org", "only ASCII letters"),
        (f"{FAMILY}@example.org", "ASCII|not supported"),
        ("ada@\ud800example.org", "characters"),
    ],
)
def test_what_cannot_be_mailed_is_refused_with_the_reason(text, reason):
    with pytest.raises(UsageError, match=reason) as refused:
        addresses.clean(text)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "spellings",
    [
        ("ada@müller.example", "ada@xn--mller-kva.example", "ADA@MÜLLER.example", "ada@mu\u0308ller.example"),
        ("ada@example.org", "Ada@Example.Org", "ADA@EXAMPLE.ORG"),
        ("ada@日本.example", "ada@xn--wgv71a.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
    ],
)
def test_spellings_of_one_mailbox_have_one_key(spellings):
    assert len({addresses.key(addresses.clean(each)) for each in spellings}) == 1
    assert len({addresses.key(each) for each in spellings}) == 1


def test_plus_tags_dots_and_sub_domains_may_be_other_mailboxes():
    others = ("ada@example.org", "a.da@example.org", "ada+x@example.org", "ada+y@example.org", "ada@m.example.org")
    assert len({addresses.key(each) for each in others}) == len(others)


def test_a_key_is_32_hexadecimal_digits_and_tells_no_address():
    key = addresses.key("ada@example.org")
    assert len(key) == 32
    assert int(key, 16) > 0


def test_the_key_depends_on_this_installations_secret(settings):
    before = addresses.key("ada@example.org")
    settings.ADDRESS_KEY = "another"
    assert addresses.key("ada@example.org") != before


LOCALS = (
    *("ada", "a.b", "A", "info", "Postmaster", "-a", "a..b", ".a", "a.", "a+b", "é", '"a b"', "a b", ""),
    *("a" * 64, "a" * 65),
)
DOMAINS = (
    *("example.org", "EXAMPLE.org", "müller.example", "xn--mller-kva.example", "localhost", "a", "-a.org", ""),
    *("1.2.3.4", "a_b.org", "a" * 63 + ".example", ("b" * 60 + ".") * 3 + "example", "test", "example.test", "x..org"),
)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("local", LOCALS)
def test_the_short_way_for_plain_addresses_says_what_the_long_one_says(local, domain):
    def said(read):
        try:
            return read(f"{local}@{domain}")
        except UsageError as error:
            return str(error)

    assert said(addresses.clean) == said(addresses._clean)
