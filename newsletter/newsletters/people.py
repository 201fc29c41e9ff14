"""Staff: adding them, and the links that sign them in once."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from newsletter import links, signing
from newsletter.errors import Refused, UsageError
from newsletter.newsletters import audit, sessions
from newsletter.newsletters.models import Role, Staff
from newsletter.signing import Purpose

NAME_LENGTH = 100


class _LoginTokens(PasswordResetTokenGenerator):
    """Signed, good for PASSWORD_RESET_TIMEOUT, and void once used: the token covers the last login's time."""

    key_salt = "newsletter.login-link"

    def _make_hash_value(self, user: Staff, timestamp: int) -> str:
        # Django cuts the last login to seconds: a link used within the second it was made in could be used again.
        return f"{super()._make_hash_value(user, timestamp)}{user.last_login}"


_tokens = _LoginTokens()


@transaction.atomic
def add(email: str, name: str = "", role: str = "", by: Staff | None = None) -> Staff:
    """Make a person, an editor unless another role is named; one who is there keeps what is not named.

    Raises UsageError for what is no address, Refused for one's own role or the last admin's.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise UsageError(f"{email} is no address.") from error
    person = _found(email) or Staff(email=email.lower())
    before = person.role if person.pk else None
    _check_change(person, role or person.role, by)
    person.role, person.name = role or person.role, _one_line(name) or person.name
    if not person.password:
        person.set_unusable_password()
    person.save()
    audit.record(by, "staff", f"staff {person.pk}", before=before, after=person.role, role=person.role)
    return person


def change_role(email: str, role: str, by: Staff | None = None) -> Staff:
    """Their other sessions end by it. Raises UsageError when there is no such person, Refused as `add`."""
    return add(email, role=role, by=by) if _found(email) else _missing(email)


@transaction.atomic
def set_active(person: Staff, by: Staff | None, *, active: bool) -> None:
    """Let a person in again, or never again: their sessions and links are void at once. Raises Refused as `add`."""
    if not active:
        _check_change(person, None, by)
        sessions.end(person)
    Staff.objects.filter(pk=person.pk).update(is_active=active)
    audit.record(by, "active", f"staff {person.pk}", before=person.is_active, after=active)


def _check_change(person: Staff, role: str | None, by: Staff | None) -> None:
    """Nobody changes what they may themselves, and an admin stays. `role` None: none at all."""
    if not person.pk or role == person.role:
        return
    if by is not None and person.pk == by.pk:
        raise Refused("Nobody changes their own role. Another admin can.")
    others = Staff.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=person.pk)
    if person.role == Role.ADMIN and person.is_active and not others.exists():
        raise Refused(f"{person} is the only admin.", hint="Make somebody else an admin first.")


def login_link(email: str) -> str:
    """An address that signs this person in once, within an hour. The very first person is made, as admin.

    Raises UsageError when others exist and this one does not, Refused for who was deactivated.
    """
    person = _found(email)
    if person is None:
        person = add(email, role=Role.ADMIN) if not Staff.objects.exists() else _missing(email)
    if not person.is_active:
        raise Refused(f"{person} is deactivated and cannot sign in.")
    audit.record(None, "login-link", f"staff {person.pk}")
    return link_for(person)


def link_for(person: Staff) -> str:
    """The same for a person who is known; whoever calls this says on the record why."""
    return links.desk_login(f"{person.pk}-{_tokens.make_token(person)}")


def person_for(token: str) -> Staff | None:
    """Whom a login link or an invitation names; None for a forged, used or expired one."""
    if invited := signing.read_fresh(Purpose.INVITATION, token, timezone.now()):
        newcomers = Staff.objects.filter(pk=invited, is_active=True, last_login=None)
        found = newcomers.first()
        return found if found and invitation(found) == token else None
    pk, _, rest = token.partition("-")
    if not pk.isdecimal() or len(pk) > 18:  # noqa: PLR2004 # digits of a 64-bit number
        return None
    person = Staff.objects.filter(pk=int(pk), is_active=True).first()
    return person if person and _tokens.check_token(person, rest) else None


def invitation(person: Staff) -> str:
    """The token of a person's newest invitation."""
    return signing.fresh(Purpose.INVITATION, person.pk, person.invited_at or person.created_at)


def redeem(token: str) -> Staff | None:
    """Whom a login link signs in, and void the link: of two that come at once, one gets None."""
    person = person_for(token)
    if person is None:
        return None
    unused = Staff.objects.filter(pk=person.pk, last_login=person.last_login)
    return person if unused.update(last_login=timezone.now()) else None


def _found(email: str) -> Staff | None:
    return Staff.objects.filter(email__iexact=email).first()


def _one_line(name: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())[:NAME_LENGTH]


def _missing(email: str) -> Staff:
    raise UsageError(f"There is no staff member {email}.", hint="newsletter staff add EMAIL")
