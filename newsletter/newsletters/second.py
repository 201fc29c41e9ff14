"""The second step of signing in: six digits of an app (RFC 6238), and codes on paper for the day the phone is gone."""

import base64
import hashlib
import secrets

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from newsletter import links
from newsletter.errors import Refused, UsageError
from newsletter.newsletters import audit
from newsletter.newsletters.models import Right, Staff

STEP = 30  # seconds that a code is good for; the one before and the one after are taken too, as RFC 6238 advises
CODES = 10
_NO_VOWELS = "23456789bcdfghjkmnpqrstvwxz"  # no code spells a word, or is misread


def is_needed(person: Staff) -> bool:
    """Whether this person may not use a password alone."""
    return person.may(Right.SEND)


def candidate(person: Staff, session: str) -> str:
    """The secret to show to a person in a session; nothing is kept until they prove that their app has it."""
    made = salted_hmac("newsletter.second-step", f"{person.pk}|{session}", algorithm="sha256").digest()
    return base64.b32encode(made[:20]).decode()  # 160 bits, as RFC 4226 recommends


def address(person: Staff, secret: str) -> str:
    """The otpauth:// address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=links.host())


@transaction.atomic
def set_up(person: Staff, secret: str, code: str) -> list[str]:
    """Turn the second step on, and give ten recovery codes, which are shown once. Raises Refused for a wrong code."""
    step = _step_of(secret, code)
    if step is None:
        raise Refused("That is not the code of this moment. Type the six digits that the app shows now.")
    person.totp_secret, person.totp_step = _sealed(secret), step
    person.save(update_fields=["totp_secret", "totp_step"])
    audit.record(person, "second-step", f"staff {person.pk}", before=False, after=True)
    return renew_codes(person)


@transaction.atomic
def renew_codes(person: Staff) -> list[str]:
    """Ten fresh recovery codes; the old ones are void."""
    codes = ["-".join(_random_word() for _ in range(3)) for _ in range(CODES)]
    person.recovery_codes = [_hash(code) for code in codes]
    person.save(update_fields=["recovery_codes"])
    audit.record(person, "recovery-codes", f"staff {person.pk}")
    return codes


def passes(person: Staff, code: str) -> bool:
    """Whether this is a code of the person's app that was not used before, or a recovery code, which is used up."""
    typed = code.replace(" ", "").lower()
    return _uses_step(person, typed) if typed.isdecimal() else _uses_recovery(person, typed)


@transaction.atomic
def take_away(person: Staff, by: Staff | None) -> None:
    """For somebody who lost phone and codes: their next sign-in by a link needs none. Raises UsageError."""
    if not person.totp_secret:
        raise UsageError(f"{person} has no second step.")
    person.totp_secret, person.recovery_codes = "", []
    person.save(update_fields=["totp_secret", "recovery_codes"])
    audit.record(by, "second-step", f"staff {person.pk}", before=True, after=False)


def _uses_step(person: Staff, code: str) -> bool:
    step = _step_of(_opened(person.totp_secret), code)
    # Of two who type the same code at once, one is in.
    return step is not None and Staff.objects.filter(pk=person.pk, totp_step__lt=step).update(totp_step=step) == 1


@transaction.atomic
def _uses_recovery(person: Staff, code: str) -> bool:
    locked = Staff.objects.select_for_update().get(pk=person.pk)
    found = _hash(code)
    if not any(secrets.compare_digest(found, each) for each in locked.recovery_codes):
        return False
    locked.recovery_codes = [each for each in locked.recovery_codes if each != found]
    locked.save(update_fields=["recovery_codes"])
    audit.record(person, "recovery-code-used", f"staff {person.pk}", left=len(locked.recovery_codes))
    return True


def _step_of(secret: str, code: str) -> int | None:
    """The half minute whose code this is, now or one to either side."""
    if not secret or not code.isascii():
        return None
    now, app = int(timezone.now().timestamp()) // STEP, pyotp.TOTP(secret, interval=STEP)
    return next((step for step in (now, now - 1, now + 1) if secrets.compare_digest(app.at(step * STEP), code)), None)


def _random_word() -> str:
    return "".join(secrets.choice(_NO_VOWELS) for _ in range(5))


def _hash(code: str) -> str:
    # 15 of 27 characters are 71 random bits: no slow hash is needed against guessing.
    return hashlib.sha256(code.encode()).hexdigest()


def _sealed(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode()


def _opened(sealed: str) -> str:
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:  # sealed with a key that is gone: an admin has to take the second step away
        return ""


def _box() -> MultiFernet:
    """A stolen database alone makes no codes: the key comes from the secret key."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"newsletter.totp:{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
