"""A server is trusted only behind a certificate, and never given a password or a mail in plain text (F-13, S-51)."""

import ssl

import pytest

from newsletter.errors import ConfigError
from newsletter.transports.base import Accepted, Rejected
from newsletter.transports.smtp import SmtpTransport
from newsletter.transports.smtp_server import Server, server_from
from newsletter.transports.smtp_session import Limits
from tests.fakes.certificates import self_signed
from tests.transports.conftest import free_port
from tests.transports.mailing import SmallMailing, readers


@pytest.fixture
def trusting(smtp_server, tmp_path):
    """Give the stand-in a certificate; the context given back trusts it, the default one does not."""
    return trust_in(smtp_server, *self_signed(tmp_path))


def trust_in(server, certificate, key):
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(certificate, key)
    return ssl.create_default_context(cafile=str(certificate))


def all_stopped(outcomes):
    return all(isinstance(outcome, Rejected) and outcome.stop and outcome.not_before for outcome in outcomes)


def test_starttls_is_used_where_it_is_offered(smtp_server, make_smtp, trusting):
    [outcome] = make_smtp(tls=trusting).hand_over(SmallMailing(), readers(1))
    assert isinstance(outcome, Accepted)
    assert smtp_server.mails[0].encrypted


def test_smtps_is_encrypted_from_the_first_byte(smtp_server, make_smtp, trusting):
    smtp_server.implicit_tls = True
    [outcome] = make_smtp("smtps://127.0.0.1:{port}", tls=trusting).hand_over(SmallMailing(), readers(1))
    assert isinstance(outcome, Accepted)
    assert smtp_server.mails[0].encrypted
    assert "STARTTLS" not in smtp_server.commands


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_stops_everything(smtp_server, make_smtp, trusting, scheme):
    smtp_server.implicit_tls = scheme == "smtps"
    outcomes = make_smtp(f"{scheme}://me:secret@127.0.0.1:{{port}}").hand_over(SmallMailing(), readers(2))
    assert all_stopped(outcomes)
    assert "SSL_CERT_FILE" in outcomes[0].reason
    assert not any(line.startswith(("AUTH", "MAIL")) for line in smtp_server.commands)


def test_a_certificate_for_another_name_stops_everything(smtp_server, make_smtp, tmp_path):
    trusting = trust_in(smtp_server, *self_signed(tmp_path, "mail.other.example"))
    outcomes = make_smtp(tls=trusting).hand_over(SmallMailing(), readers(1))
    assert all_stopped(outcomes)
    assert smtp_server.mails == []


def test_a_starttls_that_fails_is_never_followed_by_plain_text(smtp_server, make_smtp, trusting):
    smtp_server.script("STARTTLS", "454 4.7.0 TLS not available")
    transport = make_smtp("smtp://me:secret@127.0.0.1:{port}", tls=trusting)
    [outcome] = transport.hand_over(SmallMailing(), readers(1))
    assert isinstance(outcome, Rejected)
    assert outcome.not_before
    assert smtp_server.commands[-1] == "STARTTLS"


def test_a_server_elsewhere_without_starttls_gets_nothing(smtp_server, make_smtp, monkeypatch):
    # Given a server that is not on this machine
    monkeypatch.setattr(Server, "may_be_plain", lambda *_: False)
    outcomes = make_smtp("smtp://me:secret@127.0.0.1:{port}").hand_over(SmallMailing(), readers(2))
    assert all_stopped(outcomes)
    assert "no encryption" in outcomes[0].reason
    assert [line.split()[0] for line in smtp_server.commands] == ["EHLO"]


@pytest.mark.parametrize(
    ("peer", "private", "plain"),
    [
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, False),
        ("10.1.2.3", True, True),
        ("192.0.2.55", False, False),
        ("93.184.216.34", True, False),
        ("fe80::1%eth0", True, True),
    ],
)
def test_plain_text_goes_only_to_this_machine_or_an_allowed_private_one(peer, private, plain):
    assert Server("mail.example.org", 587, allow_private_hosts=private).may_be_plain(peer) is plain


def test_user_and_password_are_given_after_encryption(smtp_server, make_smtp, trusting):
    smtp_server.login = ("me@example.org", "p@ss:w/rd")
    url = "smtp://me%40example.org:p%40ss%3Aw%2Frd@127.0.0.1:{port}"
    [outcome] = make_smtp(url, tls=trusting).hand_over(SmallMailing(), readers(1))
    assert isinstance(outcome, Accepted)
    assert smtp_server.mails[0].user == "me@example.org"
    assert [line.split()[0] for line in smtp_server.commands][:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_a_wrong_password_stops_everything_and_is_not_repeated_in_the_reason(smtp_server, make_smtp):
    smtp_server.login = ("me", "right")
    outcomes = make_smtp("smtp://me:wrong@127.0.0.1:{port}").hand_over(SmallMailing(), readers(3))
    assert all_stopped(outcomes)
    assert "refused the user or password" in outcomes[0].reason
    assert "wrong" not in outcomes[0].reason
    assert len([line for line in smtp_server.commands if line.startswith("AUTH")]) == 1


def test_a_login_that_fails_for_now_may_be_tried_again(smtp_server, make_smtp):
    smtp_server.login = ("me", "right")
    smtp_server.script("AUTH", "454 4.7.0 Directory is down")
    outcomes = make_smtp("smtp://me:right@127.0.0.1:{port}").hand_over(SmallMailing(), readers(1))
    assert outcomes[0].not_before
    assert not outcomes[0].stop


def test_a_server_that_wants_a_login_that_was_not_given_stops_everything(smtp_server, smtp):
    smtp_server.login = ("me", "right")
    outcomes = smtp.hand_over(SmallMailing(), readers(2))
    assert all_stopped(outcomes)


def test_a_password_for_a_server_without_login_stops_everything(smtp_server, make_smtp):
    outcomes = make_smtp("smtp://me:right@127.0.0.1:{port}").hand_over(SmallMailing(), readers(1))
    assert all_stopped(outcomes)
    assert smtp_server.mails == []


@pytest.mark.parametrize("word", ["421 4.3.2 Busy", "554 5.3.2 Go away", "close", "silent"])
def test_a_server_that_does_not_greet_is_not_sent_anything(smtp_server, make_smtp, word):
    smtp_server.script("CONNECT", word)
    outcomes = make_smtp(limits=Limits(connect=0.5)).hand_over(SmallMailing(), readers(2))
    assert all(isinstance(outcome, Rejected) and outcome.not_before for outcome in outcomes)
    assert smtp_server.connections == 1


def test_a_refused_connection_rejects_for_now(make_smtp):
    outcomes = make_smtp(f"smtp://127.0.0.1:{free_port()}").hand_over(SmallMailing(), readers(2))
    assert all(isinstance(outcome, Rejected) and outcome.not_before and not outcome.stop for outcome in outcomes)
    assert "Connection refused" in outcomes[0].reason


@pytest.mark.parametrize("host", ["mail..example.org", "a" * 64 + ".example.org"])
def test_a_server_whose_name_cannot_be_looked_up_stops_everything_and_loses_no_reader(host):
    outcomes = SmtpTransport(Server(host, 587)).hand_over(SmallMailing(), readers(2))
    assert all_stopped(outcomes)
    assert "is no name of a mail server" in outcomes[0].reason


def test_the_default_ports_are_those_of_submission():
    assert server_from("smtp://mail.example.org").port == 587
    assert server_from("smtps://mail.example.org").port == 465


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://user:hush@", "smtp://u:hush@host:99999",
            "smtp://u@host", "smtp://u:h%C3%BCsh@host", "smtp://host/path", "smtp://host?tls=off",
            "smtp://u:hush@mail..example.org:587", "smtp://u:hush@-mail.example.org"]
)  # fmt: skip
def test_an_address_that_is_not_a_mail_server_is_a_configuration_error_without_the_password(url):
    with pytest.raises(ConfigError) as caught:
        server_from(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("mail_relay", "mail_relay"),
        ("localhost", "localhost"),
        ("192.0.2.25", "192.0.2.25"),
        ("[2001:db8::25]", "2001:db8::25"),
    ],
)
def test_a_server_is_named_by_a_host_name_or_an_ip_address(name, host):
    assert server_from(f"smtp://{name}").host == host


def test_the_password_is_not_in_the_servers_repr():
    assert "hush" not in repr(server_from("smtp://user:hush@mail.example.org"))
