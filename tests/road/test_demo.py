"""`newsletter demo`: the whole road on SQLite, the embedded server and the outbox, in one command."""

import contextlib
import email
import email.policy
import os
import re
import sqlite3
from pathlib import Path

import pytest

from newsletter import config
from newsletter.subscribers import addresses, tokens
from tests.mail.standards import assert_standards
from tests.servers.processes import answer, processes_of, settings

pytestmark = pytest.mark.road
TOKEN = re.compile(r"/u/([A-Za-z0-9_-]{34})")
SUBSCRIPTIONS = """
SELECT public_id, email FROM newsletter_subscription JOIN newsletter_subscriber reader ON reader.id = subscriber_id
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a demo that ran to its end."""
    return ran_to_its_end(tmp_path_factory.mktemp("demo") / "data")


def ran_to_its_end(folder: Path) -> Path:
    environment = settings(folder)
    result = answer("demo", environment=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "balances: 1,000 candidates = 1,000 accepted" in result.stdout
    assert processes_of(environment) == {}
    return folder


@pytest.mark.long
def test_a_second_demo_leaves_as_many_mails_as_the_first(demo: Path) -> None:
    ran_to_its_end(demo)
    assert len(list((demo / "outbox" / "new").iterdir())) == 1000


NAMED_AS_A_SLOT = re.compile(rb'(?m)^To: "?@@TOKEN@@"?')


def test_the_demo_leaves_a_thousand_clean_mails_each_with_its_readers_token(demo: Path) -> None:
    # Given every mail of the outbox
    secret = (demo / "keys" / "secret_key").read_text()
    files = list((demo / "outbox" / "new").iterdir())
    assert len(files) == 1000
    seen = set()
    for file in files:
        raw = file.read_bytes()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        # Then it keeps every standard (one reader is called as a slot is: that is their name, and no slot left open)
        assert_standards(NAMED_AS_A_SLOT.sub(b'To: "Somebody"', raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")))
        # and can be left by one click
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        token = TOKEN.search(message["List-Unsubscribe"])
        assert token is not None
        assert token[0] in message.get_body(("html",)).get_content()
        assert token[0] in message.get_body(("plain",)).get_content()
        seen.add((message["To"].addresses[0].addr_spec, message["Message-ID"], token[1]))
    # and no reader, id or token stands on two
    assert [len(set(column)) for column in zip(*seen, strict=True)] == [1000, 1000, 1000]
    assert secret not in str(seen)


def test_each_token_names_the_subscription_of_the_address_it_went_to(demo: Path, settings) -> None:
    # Given the demo's own key, and its subscriptions as its database has them
    settings.SECRET_KEY = (demo / "keys" / "secret_key").read_text()
    with contextlib.closing(sqlite3.connect(demo / "newsletter.sqlite3")) as database:
        known = dict(database.execute(SUBSCRIPTIONS))
    # Then every mail to an address carries the token of its subscription
    by_token = {tokens.token_for(public_id): addresses.key(address) for public_id, address in known.items()}
    for file in (demo / "outbox" / "new").iterdir():
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        token = TOKEN.search(message["List-Unsubscribe"])
        assert token is not None
        assert by_token[token[1]] == addresses.key(message["To"].addresses[0].addr_spec)


def test_the_digest_stands_there_as_html_and_text(demo: Path) -> None:
    html, text = (demo / "digest.html").read_text(), (demo / "digest.txt").read_text()
    for words in ("The Even Keel", "Analysis", "QiOSK", "14 Harbour Row"):
        assert words.lower() in html.lower()
        assert words.lower() in text.lower()
    pictures = re.findall(r'src="([^"]{1,40})', html)
    assert len(pictures) == 17
    assert all(each.startswith("data:image/jpeg;base64,") for each in pictures)
    with contextlib.closing(sqlite3.connect(demo / "newsletter.sqlite3")) as database:
        sizes = [size for (size,) in database.execute("SELECT length(content) FROM newsletter_picturefile")]
    assert len(sizes) == 17
    assert max(sizes) <= 120_000
    assert sorted(sizes)[-2] <= 20_000


def test_a_folder_that_is_no_demo_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    result = answer("demo", environment=settings(tmp_path))
    assert result.returncode == 5
    assert "was not emptied" in result.stderr
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_the_demo_uses_nobodys_real_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given an installation with a real transport and database
    for name, value in {"NEWSLETTER_TRANSPORT": "sendgrid", "DATABASE_URL": "postgresql://real/one"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(config, "_flags", {})
    monkeypatch.setattr(os, "environ", dict(os.environ))  # what is done to it is undone for the other tests
    # When the demo takes its own settings
    config.isolate({"data_dir": str(tmp_path), "transport": "outbox"})
    # Then neither this process nor its children see the others
    try:
        assert (config.current().transport, config.current().database_url) == ("outbox", "")
        children = config.load(config.environment_of_children())
        assert (children.transport, children.database_url) == ("outbox", "")
    finally:
        config.current.cache_clear()
