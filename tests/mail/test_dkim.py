"""Nobody can change what was signed, and what we sign verifies (RFC 6376, RFC 8058)."""

import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

import dkim as verifier
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import config
from newsletter.errors import ConfigError
from newsletter.mail import dkim
from newsletter.transports import merge
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content
from tests.mail.standards import ENCODER_ALONE

HEADERS = (
    ("List-Id", "<the-meridian.news.example.org>"),
    ("List-Unsubscribe", "<https://news.example.org/u/@@TOKEN@@>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ("Feedback-ID", "e1:the-meridian:regular:nl0123456789"),
)
words = st.text(st.characters(codec="utf-8", exclude_characters="\0@", exclude_categories=("Cs",)), max_size=200)


@cache
def key(bits=2048):
    return rsa.generate_private_key(65537, bits)


def pem(private):
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def settings_with(private_pem, **changes):
    values = {"dkim_domain": "meridian.example", "dkim_selector": "n1", "dkim_key": private_pem, **changes}
    return config.Config(**values)


@cache
def signer():
    return dkim.made_from(settings_with(pem(key())))


def signed(text="Hello @@NAME@@", name="Ada", reply_to="letters@meridian.example"):
    content = Content(("The Meridian", "desk@meridian.example"), reply_to, "A subject", f"<p>{text}</p>", text, HEADERS)
    mailing = BatchMailing(content, ENCODER_ALONE, 1, datetime(2026, 11, 26, 12, tzinfo=UTC), sign=signer().sign)
    return mailing.message(Reader(7, "ada@example.org", name, "00ff.7", merge.slots_for("AQ" * 17, name)))


def verifies(message):
    public = key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b64encode(public)
    try:
        return verifier.verify(message, dnsfunc=lambda *_, **__: record)
    except verifier.DKIMException:
        return False


@settings(max_examples=100, deadline=None)
@given(words, words)
def test_whatever_is_in_a_message_its_signature_verifies(text, name):
    assert verifies(signed(f"{text} @@NAME@@\n\n  {text} \n", name))


@settings(max_examples=200, deadline=None)
@given(words, words)
def test_the_body_is_hashed_as_a_slow_canonicalisation_would_have_it(text, name):
    # RFC 6376 §3.4.4, line by line
    message = signed(f"{text}\n \t{text}  \n\n@@NAME@@\n\n\n", name)
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in message.partition(b"\r\n\r\n")[2].split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    canonical = b"".join(line + b"\r\n" for line in lines)
    assert b64decode(re.search(rb"bh=([^;]+);", message)[1]) == sha256(canonical).digest()


def test_no_byte_of_the_body_can_be_changed():
    message = signed("Short @@NAME@@")
    start = message.index(b"\r\n\r\n") + 4
    changed = (message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :] for at in range(start, len(message)))
    assert not any(verifies(each) for each in changed)


@pytest.mark.parametrize("name", dkim.SIGNED)
def test_no_byte_of_a_signed_header_can_be_changed(name):
    message = signed()
    field = re.search(rb"(?im)^" + name.encode() + rb":[ ](?:.|\r\n[ \t])+?(?=\r\n[^ \t])", message)
    places = range(field.start() + len(name) + 2, field.end())
    changed = [message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :] for at in places if message[at] > 0x20]
    assert changed
    assert not any(verifies(each) for each in changed)


@pytest.mark.parametrize("name", dkim.SIGNED)
@pytest.mark.parametrize("reply_to", ["letters@meridian.example", ""])
def test_no_signed_header_can_be_added_a_second_time(name, reply_to):
    message = signed(reply_to=reply_to)
    assert verifies(message)
    assert not verifies(name.encode() + b": x\r\n" + message)
    head, _, body = message.partition(b"\r\n\r\n")
    assert not verifies(head + b"\r\n" + name.encode() + b": x\r\n\r\n" + body)


def test_the_length_is_not_limited_so_that_nothing_can_be_appended():
    assert not re.search(rb"[; ]l=", signed().partition(b"\r\nFrom:")[0])
    assert not verifies(signed() + b"More\r\n")


def test_its_lines_are_short():
    assert max(map(len, signed().partition(b"\r\nFrom:")[0].split(b"\r\n"))) <= 78


@pytest.mark.parametrize("missing", ["dkim_domain", "dkim_selector", "dkim_key"])
def test_half_a_configuration_is_refused(missing):
    with pytest.raises(ConfigError, match=f"without {missing}"):
        dkim.made_from(settings_with(pem(key()), **{missing: ""}))


def test_without_a_key_nothing_is_signed():
    assert dkim.made_from(config.Config()) is None


@pytest.mark.parametrize("text", ["secret words", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_what_is_no_key_is_refused_and_not_repeated(text):
    with pytest.raises(ConfigError, match="no private key") as caught:
        dkim.made_from(settings_with(text))
    assert "secret words" not in str(caught.value)


def test_a_key_of_another_kind_is_refused():
    with pytest.raises(ConfigError, match="no RSA key"):
        dkim.made_from(settings_with(pem(ec.generate_private_key(ec.SECP256R1()))))
