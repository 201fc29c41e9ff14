"""Staff: adding them, and the links that sign them in once."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from newsletter import links
from newsletter.errors import UsageError
from newsletter.newsletters import audit
from newsletter.newsletters.models import Role, Staff


class _LoginTokens(PasswordResetTokenGenerator):
    """Signed, good for PASSWORD_RESET_TIMEOUT, and void once used: the token covers the last login's time."""

    key_salt = "newsletter.login-link"


_tokens = _LoginTokens()


def add(email: str, name: str, role: str) -> Staff:
    """Make a person, or give one who is there this role. Raises UsageError for what is no address."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise UsageError(f"{email} is no address.") from error
    person, _ = Staff.objects.get_or_create(email=email.lower(), defaults={"name": name})
    person.role, person.name = role, name or person.name
    if not person.password:
        person.set_unusable_password()
    person.save()
    audit.record(None, "staff", f"staff {person.pk}", role=role)
    return person


def change_role(email: str, role: str) -> Staff:
    """Raises UsageError when there is no such person."""
    return add(email, "", role) if Staff.objects.filter(email=email.lower()).exists() else _missing(email)


def login_link(email: str) -> str:
    """An address that signs this person in once, within an hour. The very first person is made, as admin.

    Raises UsageError when others exist and this one does not.
    """
    person = Staff.objects.filter(email=email.lower()).first()
    if person is None:
        person = add(email, "", Role.ADMIN) if not Staff.objects.exists() else _missing(email)
    audit.record(None, "login-link", f"staff {person.pk}")
    return links.absolute(f"/desk/login/{person.pk}-{_tokens.make_token(person)}")


def person_for(token: str) -> Staff | None:
    """Whom a login link names; None for a forged, used or expired one."""
    pk, _, rest = token.partition("-")
    if not pk.isdecimal():
        return None
    person = Staff.objects.filter(pk=int(pk), is_active=True).first()
    return person if person and _tokens.check_token(person, rest) else None


def _missing(email: str) -> Staff:
    raise UsageError(f"There is no staff member {email}.", hint="newsletter staff add EMAIL")
