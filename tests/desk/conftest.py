"""Staff of every role, signed in, and an edition to work on."""

import html
import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from newsletter import config
from newsletter.desk.urls import urlpatterns
from newsletter.editions import draft
from newsletter.editions.models import Edition, Item
from newsletter.feeds.models import Feed
from newsletter.newsletters.models import Newsletter, Role, Staff
from newsletter.subscribers.models import Subscriber, Subscription
from tests import builders


def messages_on(page: str) -> list[str]:
    """What the page tells its reader about what they did."""
    return [html.unescape(text) for text in re.findall(r'<p class="notice \w+" role="\w+">(.*?)</p>', page)]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is, but not as slow as it should be."""
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    return builders.make_newsletter()


@pytest.fixture
def edition(newsletter: Newsletter) -> Edition:
    """A draft: one lead, two stories of analysis, one of the rest."""
    for number in range(3):
        builders.make_article(f"Analysis {number}", hours_ago=number + 1)
    builders.make_article("Report", hours_ago=9, kind="Reporting")
    return draft.compose_special(newsletter).edition


@pytest.fixture
def as_role(db: None) -> Callable[..., Client]:
    """A browser in which somebody of this role is signed in; None for nobody."""

    def sign_in(role: str | None, *, csrf: bool = False) -> Client:
        client = Client(enforce_csrf_checks=csrf)
        if role is not None:
            person, _ = Staff.objects.get_or_create(email=f"{role}@example.org", defaults={"role": Role(role)})
            client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def time_machine_at():
    """Within it, time stands still at a moment such as 2026-11-26 10:00Z."""
    return lambda text: time_machine.travel(text, tick=False)


@pytest.fixture
def sender(as_role: Callable[..., Client]) -> Client:
    return as_role("sender")


@pytest.fixture
def press(sender: Client, edition: Edition) -> Callable[..., list[str]]:
    """Send a form of the edition's page, follow it back, and give the messages that the page then shows."""

    def post(name: str, item: Item | None = None, /, **fields: object) -> list[str]:
        args = [edition.pk, item.pk] if item else [edition.pk]
        response = sender.post(reverse(name, args=args), fields, follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("desk-edition", args=[edition.pk]))
        assert response.status_code == 200
        edition.refresh_from_db()
        return messages_on(response.text)

    return post


@pytest.fixture
def address(edition):
    """The address of a view, about the edition and its first story, its reader, its feed and a message caught."""
    builders.add_readers(edition.newsletter, 1, first=900)
    folder = config.current().data_dir / "outbox" / "new"
    folder.mkdir(parents=True, exist_ok=True)
    message = EmailMessage()
    message["Subject"], message["To"] = "Caught", "reader900@example.org"
    message.set_content("Words")
    message.add_alternative("<p>Words</p>", subtype="html")
    (folder / "caught").write_bytes(bytes(message))
    views = {pattern.name: pattern for pattern in urlpatterns}

    def made(name, **other_ids):
        other, _ = Staff.objects.get_or_create(email="other@example.org", defaults={"role": "editor"})
        known = {"pk": edition.pk, "item": edition.items.first().pk, "form": "html", "token": "1-x-y"}
        if "import" in name:
            known["kept"] = "a" * 32
            (config.current().data_dir / "uploads").mkdir(exist_ok=True)
            (config.current().data_dir / "uploads" / known["kept"]).write_text("email\nada@example.org\n")
        known |= {"member": other.pk, "article": edition.items.first().article_id, "feed": Feed.objects.first().pk}
        known |= {"slug": edition.newsletter.slug, "name": "caught", "subscription": Subscription.objects.first().pk}
        if "reader" in name or name in ("desk-suppress", "desk-release", "desk-erase"):
            known["pk"] = Subscriber.objects.first().pk
        known |= other_ids
        wanted = views[name].pattern.converters
        return reverse(name, kwargs={key: known[key] for key in wanted})

    return made
