"""Where a setting's value comes from: default < newsletter.toml < environment < flag."""

import os
import stat

import pytest

from newsletter import config
from newsletter.errors import ConfigError


@pytest.fixture
def toml(tmp_path):
    """A newsletter.toml with this content; gives the environment that names it."""

    def write(content):
        file = tmp_path / "newsletter.toml"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return {"NEWSLETTER_CONFIG": str(file)}

    return write


def test_each_level_wins_over_the_one_below(toml):
    file = toml('transport = "smtp"\nbind = "0.0.0.0:1"\nsite_url = "https://toml.example"\ntick = 3')
    environment = {**file, "NEWSLETTER_BIND": "0.0.0.0:2", "NEWSLETTER_SITE_URL": "https://env.example"}
    read = config.load(environment, {"site_url": "https://flag.example"})
    assert (read.web_threads, read.transport, read.tick, read.bind) == (8, "smtp", 3.0, "0.0.0.0:2")
    assert read.site_url == "https://flag.example"
    assert [read.sources[name] for name in ("web_threads", "transport", "bind", "site_url")] == [
        "default",
        file["NEWSLETTER_CONFIG"],
        "environment NEWSLETTER_BIND",
        "flag --site-url",
    ]


def test_an_empty_value_is_not_set_at_any_level(toml):
    file = toml('transport = ""\ndata_dir = ""\nsmtp_url = ""')
    read = config.load({**file, "NEWSLETTER_BIND": "", "DATABASE_URL": ""})
    assert set(read.sources.values()) == {"default"}


def test_the_file_in_the_current_folder_is_read_unless_another_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "newsletter.toml").write_text('bind = "0.0.0.0:1"')
    assert config.load({}).bind == "0.0.0.0:1"
    assert config.load({"NEWSLETTER_CONFIG": os.devnull}).bind == "127.0.0.1:8000"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('transprot = "smtp"', "unknown setting transprot. Did you mean transport?"),
        ('[smtp]\nurl = "smtp://x"', "unknown setting smtp. Did you mean"),
        ("zebra = 1", "unknown setting zebra."),
        ('bind_file = "x"', "unknown setting bind_file. Did you mean bind?"),
        ("bind = [1]", "bind has to be a text, a number"),
        ("bind = ", "cannot be read"),
        (b'bind = "\xff"', "cannot be read"),
        ('bind = "a"\nbind = "b"', "cannot be read"),
        ('site_url = "news.example.org"', "site_url from"),
        ('secret_key = "a"\nsecret_key_file = "b"', "which cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_the_word(toml, content, said):
    environment = toml(content)
    with pytest.raises(ConfigError) as refused:
        config.load(environment)
    assert said in str(refused.value)


def test_a_file_that_is_named_but_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        config.load({"NEWSLETTER_CONFIG": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("NEWSLETTER_SITEURL", "NEWSLETTER_SITE_URL"),
        ("NEWSLETTER_TRANSPROT", "NEWSLETTER_TRANSPORT"),
        ("NEWSLETTER_SECRET_KEY_FILES", "NEWSLETTER_SECRET_KEY_FILE"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_name(name, nearest):
    with pytest.raises(ConfigError, match=f"Unknown setting {name} .* Did you mean {nearest}"):
        config.load({"NEWSLETTER_CONFIG": os.devnull, name: "1"})


def test_what_is_no_secret_cannot_be_given_as_a_file():
    with pytest.raises(ConfigError, match="NEWSLETTER_BIND_FILE is no secret"):
        config.load({"NEWSLETTER_CONFIG": os.devnull, "NEWSLETTER_BIND_FILE": "/x"})


def test_what_kubernetes_and_docker_put_beside_a_service_is_ignored():
    others = {
        "NEWSLETTER_SERVICE_HOST": "10.0.0.1",
        "NEWSLETTER_SERVICE_PORT": "80",
        "NEWSLETTER_SERVICE_PORT_HTTP": "80",
        "NEWSLETTER_PORT": "tcp://10.0.0.1:80",
        "NEWSLETTER_PORT_80_TCP": "tcp://10.0.0.1:80",
        "NEWSLETTER_PORT_80_TCP_ADDR": "10.0.0.1",
        "NEWSLETTER_PORT_80_TCP_PROTO": "tcp",
        "NEWSLETTER_WEB_SERVICE_HOST": "10.0.0.2",
    }
    assert set(config.load({"NEWSLETTER_CONFIG": os.devnull, **others}).sources.values()) == {"default"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("NEWSLETTER_TRANSPORT", text) for text in ("Outbox", "mailgun", " smtp")),
        *(("NEWSLETTER_ALLOW_PRIVATE_HOSTS", text) for text in ("maybe", "2", "-")),
        *(("NEWSLETTER_WORKER_PROCESSES", text) for text in ("0", "-1", "two", "1.5", "1e3", "9" * 5000, "٣", "1001")),
        *(("NEWSLETTER_BATCH_SIZE", text) for text in ("0", "1001")),
        *(("NEWSLETTER_TICK", text) for text in ("0", "-2", "nan", "inf", "soon", "1e9")),
        *(
            ("NEWSLETTER_SITE_URL", text)
            for text in (
                "news.example.org",
                "ftp://news.example.org",
                "https://",
                "https://news.example.org:port",
                "https://news.example.org:99999",
                "https://user:pass@news.example.org",
                "https://news.example.org/?a=b",
                "https://news.example.org/#top",
                "https://news.exa\nmple.org",
                "https://news.example.org\r\nBcc: x@y.z",
                "https://news example.org",
                "https://münchen.example",
                "https://[::1",
            )
        ),
        *(("NEWSLETTER_DATA_DIR", text) for text in ("a\0b", "~nobody-of-that-name/x")),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name_and_source(name, text):
    with pytest.raises(ConfigError) as refused:
        config.load({"NEWSLETTER_CONFIG": os.devnull, name: text})
    assert f"from environment {name}: cannot use {text!r}; " in str(refused.value)
    assert str(refused.value).isprintable()


def test_times_that_contradict_each_other_are_refused():
    with pytest.raises(ConfigError, match="lease must be longer"):
        config.load({"NEWSLETTER_CONFIG": os.devnull, "NEWSLETTER_LEASE": "100"})


def test_what_is_right_is_read():
    read = config.load(
        {
            "NEWSLETTER_CONFIG": os.devnull,
            "NEWSLETTER_SITE_URL": "https://xn--mnchen-3ya.example:8443/news/",
            "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "YES",
            "NEWSLETTER_BATCH_SIZE": "1000",
            "NEWSLETTER_TICK": "0.25",
            "DATABASE_URL": "postgresql://me:p%40ss@[::1]:5432/news?sslmode=require",
            "REDIS_URL": "unix:///run/redis.sock",
        }
    )
    assert read.site_url == "https://xn--mnchen-3ya.example:8443/news"
    assert read.allow_private_hosts is True
    assert (read.batch_size, read.tick) == (1000, 0.25)
    assert read.broker_url == "redis+socket:///run/redis.sock"


def test_a_key_is_made_once_and_kept_from_others(tmp_path):
    made = config.load({"NEWSLETTER_CONFIG": os.devnull, "NEWSLETTER_DATA_DIR": str(tmp_path / "new")})
    key = config.key_file(made, "secret_key")
    assert len(key) >= 50
    assert config.key_file(made, "secret_key") == key
    assert config.key_file(made, "address_key") != key
    file = tmp_path / "new" / "keys" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in file.parent.iterdir()) == ["address_key", "secret_key"]


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe"])
def test_a_key_that_was_damaged_is_refused_instead_of_replaced(tmp_path, content):
    made = config.load({"NEWSLETTER_CONFIG": os.devnull, "NEWSLETTER_DATA_DIR": str(tmp_path)})
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "secret_key").write_bytes(content)
    with pytest.raises(ConfigError, match=r"secret_key is (empty|no key)"):
        config.key_file(made, "secret_key")
    assert (tmp_path / "keys" / "secret_key").read_bytes() == content


def test_a_data_directory_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    made = config.load({"NEWSLETTER_CONFIG": os.devnull, "NEWSLETTER_DATA_DIR": str(tmp_path / "file")})
    with pytest.raises(ConfigError, match="cannot be used"):
        config.key_file(made, "secret_key")


def test_children_get_the_same_settings(monkeypatch):
    monkeypatch.setattr(config, "_flags", {"bind": "0.0.0.0:9"})
    assert config.environment_of_children()["NEWSLETTER_BIND"] == "0.0.0.0:9"
