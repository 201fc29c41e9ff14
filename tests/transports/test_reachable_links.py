"""Mail to real people carries links that real people can follow, or nothing is mailed."""

import pytest

from newsletter import config
from newsletter.errors import ConfigError
from newsletter.transports import choose

REAL = {"NEWSLETTER_TRANSPORT": "smtp", "SMTP_URL": "smtp://mail.example.org"}


@pytest.mark.parametrize(
    "site_url",
    [
        "http://news.example.org",
        "https://localhost",
        "https://127.0.0.1:8000",
        "https://10.1.2.3",
        "https://[::1]",
        "https://intranet",
        "https://desk.local",
    ],
)
def test_a_real_transport_refuses_links_that_lead_nowhere(site_url):
    with pytest.raises(ConfigError, match="Readers could not leave"):
        choose.check(config.load({**REAL, "NEWSLETTER_SITE_URL": site_url}))


def test_the_default_site_is_for_the_outbox_only():
    choose.check(config.load({}))
    with pytest.raises(ConfigError, match="Readers could not leave"):
        choose.check(config.load(REAL))


def test_a_public_https_site_is_fine():
    choose.check(config.load({**REAL, "NEWSLETTER_SITE_URL": "https://news.example.org"}))


def test_an_intranet_may_say_so():
    choose.check(config.load({**REAL, "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1"}))


def test_a_transport_without_its_server_is_refused():
    with pytest.raises(ConfigError, match="no mail server is named"):
        choose.check(config.load({"NEWSLETTER_TRANSPORT": "smtp", "NEWSLETTER_SITE_URL": "https://news.example.org"}))
