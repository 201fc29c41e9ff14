"""The settings name the transport; a missing key or server is said in plain words."""

import pytest

from newsletter import config
from newsletter.errors import ConfigError
from newsletter.transports.choose import check, chosen, made_from


def settings(tmp_path, **environment):
    return config.load({"NEWSLETTER_DATA_DIR": str(tmp_path), **environment})


def test_the_outbox_is_the_default_and_lives_in_the_data_directory(tmp_path):
    transport = made_from(settings(tmp_path))
    assert (transport.name, transport.batch_size) == ("outbox", 500)
    assert transport.folder == tmp_path / "outbox"


def test_a_process_makes_its_transport_once():
    chosen.cache_clear()
    assert chosen() is chosen()


def test_smtp_needs_a_server(tmp_path):
    with pytest.raises(ConfigError, match="no mail server") as caught:
        made_from(settings(tmp_path, NEWSLETTER_TRANSPORT="smtp"))
    assert "SMTP_URL" in caught.value.hint


def test_sendgrid_needs_a_key(tmp_path):
    with pytest.raises(ConfigError, match="no API key") as caught:
        made_from(settings(tmp_path, NEWSLETTER_TRANSPORT="sendgrid"))
    assert "SENDGRID_API_KEY" in caught.value.hint


def test_smtp_batches_are_small_and_sendgrid_batches_at_most_a_thousand(tmp_path):
    smtp = settings(tmp_path, NEWSLETTER_TRANSPORT="smtp", SMTP_URL="smtp://localhost:2525")
    sendgrid = settings(tmp_path, NEWSLETTER_TRANSPORT="sendgrid", SENDGRID_API_KEY="key", NEWSLETTER_BATCH_SIZE="1000")
    assert (made_from(smtp).name, made_from(smtp).batch_size) == ("smtp", 20)
    assert (made_from(sendgrid).name, made_from(sendgrid).batch_size) == ("sendgrid", 1000)


def test_the_alerts_own_server_is_checked_too_and_named_by_its_own_setting(tmp_path):
    with pytest.raises(ConfigError, match="ALERT_SMTP_URL needs both a user and a password"):
        check(settings(tmp_path, ALERT_SMTP_URL="smtp://watch@alerts.example"))
