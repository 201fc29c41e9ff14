"""Passwords of staff: hashed with argon2, judged by Django's rules, and never enough alone for whoever may send."""

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import password_changed, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from newsletter.errors import Refused, UsageError
from newsletter.newsletters import audit, second, throttle
from newsletter.newsletters.models import Staff

LONGEST = 200  # characters: argon2 reads all of them


@transaction.atomic
def choose(person: Staff, password: str, again: str) -> None:
    """Give a person a password; other sessions end by it. Raises UsageError for a weak one, Refused without a second
    step where the role wants one."""
    if second.is_needed(person) and not person.totp_secret:
        raise Refused("Who may send needs the second step before a password: set it up first.")
    if password != again:
        raise UsageError("The two passwords are not the same.")
    if len(password) > LONGEST:
        raise UsageError(f"A password has at most {LONGEST} characters.")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise UsageError(" ".join(error.messages)) from error
    person.set_password(password)
    person.save(update_fields=["password"])
    password_changed(password, person)
    audit.record(person, "password", f"staff {person.pk}")


def prove(email: str, password: str, network: str) -> Staff | None:
    """Who has this address and password; None for nobody. Raises Refused when too much was tried.

    An unknown address takes as long as a wrong password: ModelBackend hashes for it too.
    """
    attempt = throttle.begin(email, network)
    found = authenticate(None, username=email.strip(), password=password[:LONGEST])
    if not isinstance(found, Staff) or (second.is_needed(found) and not found.totp_secret):
        return None
    throttle.succeed(attempt)
    return found


def prove_second(person: Staff, code: str, network: str) -> bool:
    """Whether the second step is taken. Raises Refused when too much was tried."""
    attempt = throttle.begin(person.email, network)
    if not second.passes(person, code):
        return False
    throttle.succeed(attempt)
    return True
