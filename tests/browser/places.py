"""Every page that a reader can come to, and how: what the judges look at."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter
from newsletter.signing import Purpose, fresh
from newsletter.subscribers import confirm, consent, signup
from newsletter.subscribers.models import Consent, Defence, SignUp, Subscription
from newsletter.subscribers.signup import Asked
from tests import builders

Go = Callable[[Any], None]
FORM = "/subscribe/the-meridian"


class Places:
    """By name, in the order in which a reader meets them; `prepare` makes the rows that they need."""

    def __init__(self, newsletter: Newsletter) -> None:
        self.newsletter = newsletter
        other = builders.make_newsletter("The Parallel", privacy_url=newsletter.privacy_url, tagline="A second look")
        self.edition = Edition.objects.get(newsletter=newsletter)
        self.readers = builders.add_readers(newsletter, 6, first=100)
        Subscription.objects.create(subscriber=self.readers[0].subscriber, newsletter=other, status="unsubscribed")
        consent.unsubscribe(self.readers[1], Consent.Source.PAGE)
        Subscription.objects.filter(pk=self.readers[2].pk).update(
            status="paused", paused_until=timezone.now() + timedelta(weeks=4)
        )
        marks = [{"at": "2026-11-28T09:00:00+00:00", "text": "The bridge is in Port Ellis, not in Port Stanley."}]
        Edition.objects.filter(pk=self.edition.pk).update(marks=marks)

    def all(self) -> dict[str, Go]:
        """How to come to each."""
        return {**self._public(), **self._signing_up(), **self._choosing(), **self._personal(), **self._leaving()}

    def _public(self) -> dict[str, Go]:
        return {
            "archives": at("/archive/"),
            "archive": at("/archive/the-meridian/"),
            "empty-archive": at("/archive/the-parallel/"),
            "edition": at("/archive/the-meridian/1"),
            "not-found": at("/nothing"),
            "unknown-link": at("/u/x"),
        }

    def _signing_up(self) -> dict[str, Go]:
        request, moving, known = self._asked("a1@example.org"), self._asked("a2@example.org", self.readers[3]), {}
        known |= {"confirm": at(f"/c/{fresh(Purpose.CONFIRM, request.public_id, timezone.now())}")}
        known |= {"confirmed": pressed(known["confirm"], "Yes, send it to me")}
        known |= {"move": at(f"/a/{fresh(Purpose.ADDRESS, moving.public_id, timezone.now())}")}
        known |= {"moved": pressed(known["move"], "Use this address"), "barred": self._barred()}
        form = at(FORM)
        return {
            "form": form,
            "several": at("/subscribe/"),
            "several-faults": pressed(at("/subscribe/"), "Sign up"),
            "frame": at(f"{FORM}/frame"),
            "faults": pressed(form, "Sign up"),
            "sent": pressed(filled(form, "ada@example.org"), "Sign up"),
            "again": pressed(pressed(filled(form, "ada@example.org"), "Sign up"), "Send the letter again"),
            "once-more": pressed(trapped(form), "Sign up"),
            "proof": under_attack(pressed(filled(form, "ada@example.org"), "Sign up")),
            **known,
        }

    def _choosing(self) -> dict[str, Go]:
        paths = [f"/p/{builders.token_of(reader)}" for reader in self.readers]
        return {
            "preferences": at(paths[0]),
            "preferences-kept": pressed(at(paths[0]), "Keep these topics"),
            "preferences-link": pressed(at(paths[0]), "Mail me the link"),
            "preferences-left": at(paths[1]),
            "preferences-paused": at(paths[2]),
        }

    def _personal(self) -> dict[str, Go]:
        now = timezone.now()
        mine, last = (at(f"/me/{fresh(Purpose.PERSONAL, self.readers[n].public_id, now)}") for n in (3, 5))
        return {
            "personal": mine,
            "personal-name": pressed(mine, "Keep this name"),
            "personal-faults": pressed(mine, "Use this address"),
            "personal-unsure": pressed(mine, "Erase me"),
            "erased": pressed(checked(last, "Yes, erase everything"), "Erase me"),
        }

    def _leaving(self) -> dict[str, Go]:
        ask = at(f"/u/{builders.token_of(self.readers[4])}")
        gone = pressed(ask, "Unsubscribe me")
        return {
            "leave": ask,
            "goodbye": gone,
            "thanked": pressed(checked(gone_again(gone), "Too many letters"), "Tell"),
            "back": pressed(gone_again(gone), "That was a mistake"),
        }

    def _asked(self, address: str, mover: Subscription | None = None) -> SignUp:
        asked = Asked(address=address, newsletters=[self.newsletter], source=SignUp.Source.PAGE)
        request = signup.ask(asked, mover.subscriber if mover else None)
        SignUp.objects.filter(pk=request.pk).update(status=SignUp.Status.MAILED)
        request.refresh_from_db()
        return request

    def _barred(self) -> Go:
        """Somebody else has the address by now."""
        request = self._asked("taken@example.org", self.readers[3])
        assert confirm.confirm(self._asked("taken@example.org"), "", timezone.now())
        return pressed(at(f"/a/{fresh(Purpose.ADDRESS, request.public_id, timezone.now())}"), "Use this address")


def at(path: str) -> Go:
    return lambda tab: tab.goto(path)


def pressed(before: Go, name: str) -> Go:
    def go(tab: Any) -> None:
        before(tab)
        tab.get_by_role("button", name=name).first.click()

    return go


def checked(before: Go, label: str) -> Go:
    def go(tab: Any) -> None:
        before(tab)
        tab.get_by_label(label).check()

    return go


def filled(before: Go, address: str) -> Go:
    def go(tab: Any) -> None:
        before(tab)
        tab.get_by_label("Your mail address").fill(address)

    return go


def trapped(before: Go) -> Go:
    def go(tab: Any) -> None:
        filled(before, "ada@example.org")(tab)
        tab.locator("[name=reference]").evaluate("each => { each.value = 'https://spam.example' }")

    return go


def under_attack(before: Go) -> Go:
    """Without its script, which would go on by itself, so that there is a page to look at."""

    def go(tab: Any) -> None:
        Defence.objects.update_or_create(pk=1, defaults={"until": timezone.now() + timedelta(hours=1)})
        tab.route("**/proof.js", lambda route: route.fulfill(body=""))
        before(tab)
        tab.get_by_role("heading", name="One moment").wait_for()
        Defence.objects.all().delete()

    return go


def gone_again(gone: Go) -> Go:
    """Leaving, whether or not the reader has left before."""

    def go(tab: Any) -> None:
        Subscription.objects.filter(subscriber__email="reader104@example.org").update(status="active")
        gone(tab)

    return go
