"""Secrets: from a file if wished, and in no output, not even in an error."""

import os
import subprocess
import sys

import pytest

from newsletter import config
from newsletter.errors import ConfigError

SECRET = "hunter2-Zx9"
NOWHERE = {"NEWSLETTER_CONFIG": os.devnull}
SECRETS = {
    "NEWSLETTER_SECRET_KEY": SECRET,
    "NEWSLETTER_OLD_SECRET_KEYS": f"one, {SECRET}",
    "NEWSLETTER_ADDRESS_KEY": f"key://{SECRET}",
    "DATABASE_URL": f"postgresql://me:{SECRET}@db.example:5432/news?password={SECRET}",
    "REDIS_URL": f"redis://:{SECRET}@cache.example:6379/0",
    "SMTP_URL": f"smtps://user%40example.org:{SECRET}@mail.example:465",
    "SENDGRID_API_KEY": f"SG.{SECRET}",
    "NEWSLETTER_DKIM_KEY": f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
    "ALERT_SMTP_URL": f"smtp://watch:{SECRET}@alerts.example:587",
    "NEWSLETTER_WEBHOOK_URL": f"https://chat.example/hooks/{SECRET}",
    "NEWSLETTER_WEBHOOK_SECRET": SECRET,
    "BOUNCE_MAILBOX_URL": f"imaps://bounces:{SECRET}@mail.example:993/INBOX",
    "NEWSLETTER_HEARTBEAT_URL": f"https://watch.example/ping/{SECRET}",
    "NEWSLETTER_METRICS_TOKEN": SECRET,
}


def secret_options():
    return {name: field.metadata["env"] for name, field in config.OPTIONS.items() if field.metadata["secret"]}


def run(environment, *arguments):
    command = [sys.executable, "-m", "newsletter", *arguments]
    kept = {"PATH": os.environ["PATH"], **NOWHERE, **environment}
    return subprocess.run(command, env=kept, capture_output=True, text=True, timeout=60, check=False)


def test_this_file_knows_every_secret():
    assert set(secret_options().values()) == set(SECRETS)


def test_of_a_secret_only_what_is_public_is_shown():
    read = config.load({**NOWHERE, **SECRETS})
    assert {name: config.shown(read, name) for name in secret_options()} == {
        "secret_key": "•••",
        "old_secret_keys": "•••",
        "address_key": "•••",
        "database_url": "postgresql://me:•••@db.example:5432/news",
        "redis_url": "redis://:•••@cache.example:6379/0",
        "smtp_url": "smtps://user%40example.org:•••@mail.example:465",
        "sendgrid_api_key": "•••",
        "dkim_key": "•••",
        "alert_smtp_url": "smtp://watch:•••@alerts.example:587",
        "webhook_url": "https://chat.example/•••",
        "webhook_secret": "•••",
        "bounce_mailbox_url": "imaps://bounces:•••@mail.example:993/INBOX",
        "heartbeat_url": "https://watch.example/•••",
        "metrics_token": "•••",
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://token@cache.example/0", "redis://•••@cache.example/0"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("redis://[::1]:6379/0", "redis://[::1]:6379/0"),
    ],
)
def test_an_address_without_password_is_shown(url, shown):
    assert config.shown(config.load({**NOWHERE, "REDIS_URL": url}), "redis_url") == shown


@pytest.mark.parametrize("name", secret_options())
def test_a_secret_may_stand_in_a_file(tmp_path, name):
    env = secret_options()[name]
    file = tmp_path / "secret"
    file.write_text(f"{SECRETS[env]}\n")
    read = config.load({**NOWHERE, f"{env}_FILE": str(file)})
    assert getattr(read, name) == SECRETS[env]
    assert read.sources[name] == f"environment {env}_FILE"
    (tmp_path / "newsletter.toml").write_text(f'{name}_file = "{file}"')
    read = config.load({"NEWSLETTER_CONFIG": str(tmp_path / "newsletter.toml")})
    assert getattr(read, name) == SECRETS[env]


def test_a_secret_given_twice_is_refused(tmp_path):
    file = tmp_path / "secret"
    file.write_text("x")
    with pytest.raises(ConfigError, match="Both NEWSLETTER_SECRET_KEY and NEWSLETTER_SECRET_KEY_FILE"):
        config.load({**NOWHERE, "NEWSLETTER_SECRET_KEY": SECRET, "NEWSLETTER_SECRET_KEY_FILE": str(file)})
    (tmp_path / "newsletter.toml").write_text(f'secret_key = "{SECRET}"\nsecret_key_file = "{file}"')
    with pytest.raises(ConfigError, match="Both secret_key and secret_key_file"):
        config.load({"NEWSLETTER_CONFIG": str(tmp_path / "newsletter.toml")})


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"", "is empty"), (b" \n", "is empty"), (b"\xff\xfe", "no text file")],
)
def test_a_secrets_file_that_is_no_use_is_refused(tmp_path, content, said):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        config.load({**NOWHERE, "NEWSLETTER_SECRET_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", f"mysql://me:{SECRET}@host/db"),
        ("DATABASE_URL", f"postgresql://me:{SECRET}@more@host/db"),
        ("DATABASE_URL", f"postgresql://me:x/{SECRET}@host/db"),
        ("DATABASE_URL", f"postgresql://me:x#{SECRET}@host/db"),
        ("DATABASE_URL", f"host=db password={SECRET}"),
        ("DATABASE_URL", f"sqlite://{SECRET}"),
        ("REDIS_URL", f"http://:{SECRET}@host"),
        ("REDIS_URL", f"redis://:{SECRET}@host:port/0"),
        ("SMTP_URL", f"user:{SECRET}@mail.example"),
        ("SMTP_URL", f"smtp://user:{SECRET}@[mail.example"),
        ("SMTP_URL", f"smtp://user:{SECRET}\n@mail.example"),
    ],
)
def test_a_secret_that_cannot_be_used_is_not_repeated(name, text):
    with pytest.raises(ConfigError) as refused:
        config.load({**NOWHERE, name: text})
    assert SECRET not in str(refused.value)
    assert name.lower() in str(refused.value)
    # Nor does a traceback of Python's tell it.
    assert SECRET not in str(refused.value.__cause__)


def test_no_output_of_the_commands_holds_a_secret():
    for arguments in (["config", "show"], ["config", "show", "--json"], ["config", "check"], ["config", "example"]):
        done = run(SECRETS, *arguments)
        # The key for signing is none, which is an error, but one that does not repeat it.
        assert done.returncode == (3 if arguments[-1] == "check" else 0), done.stderr
        assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"DATABASE_URL": f"postgresql://me:{SECRET}@127.0.0.1:9/news"}, 4),
        ({"DATABASE_URL": f"postgresql://me:{SECRET}@127.0.0.1/news?nonsense=1"}, 3),
        ({"DATABASE_URL": f"mysql://me:{SECRET}@127.0.0.1/news"}, 3),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_line_without_the_secret(tmp_path, environment, code):
    done = run({"NEWSLETTER_DATA_DIR": str(tmp_path), **environment}, "status")
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("error: ")
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
