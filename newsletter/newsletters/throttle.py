"""Guessing is slow: a few failures in a quarter of an hour, then no more is looked at until it is over."""

from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from newsletter.errors import Refused
from newsletter.newsletters.models import LoginTry

WINDOW = timedelta(minutes=15)
MOST_HERE, MOST_NETWORK, MOST_ACCOUNT = 5, 25, 50
"""Failures within the window: for an address from one network, from one network, for an address from everywhere.

Nobody is locked out for good, and an attacker elsewhere needs ten times as many failures to keep somebody out.
"""


def begin(email: str, network: str) -> LoginTry:
    """Write down that somebody tries. Raises Refused when too much failed lately: then it must not be looked at."""
    now, account = timezone.now(), _account(email)
    mine = LoginTry.objects.create(account=account, network=network, at=now)
    failed = LoginTry.objects.filter(good=False, at__gt=now - WINDOW, pk__lte=mine.pk)
    here = failed.filter(account=account, network=network).count()
    there = failed.filter(network=network).count() if network else 0
    if here > MOST_HERE or there > MOST_NETWORK or failed.filter(account=account).count() > MOST_ACCOUNT:
        mine.delete()  # what was not looked at does not make the wait longer
        raise Refused("Too many failed attempts. Wait a quarter of an hour, or sign in by a link.")
    return mine


def succeed(this: LoginTry) -> None:
    """It was right: what failed before is forgiven."""
    LoginTry.objects.filter(account=this.account, network=this.network, good=False).update(good=True)


def _account(email: str) -> str:
    return salted_hmac("newsletter.login-try", email.strip().casefold(), algorithm="sha256").hexdigest()
