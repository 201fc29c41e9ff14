"""The round of checks: which there are, what each needs, and what becomes of one that fails in itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

from django.db import Error

from newsletter.config import Config
from newsletter.config_sources import nearest
from newsletter.errors import NewsletterError, UsageError
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.doctor import dns, machine, mail, provider, returned, services
from newsletter.runtime.doctor.verdicts import State, Verdict, bad, skipped

TABLES = "migrations"
SECONDS = 12.0  # for one check; all of them together take less than 30


@dataclass(frozen=True)
class Check:
    """`look` takes the settings and, where `senders` is set, the newsletters' From addresses.

    `network`: it asks beyond this machine. `ground`: the check without which this one makes no sense.
    """

    look: Callable[..., Verdict]
    words: str
    network: bool = False
    ground: str = ""
    senders: bool = False


CHECKS: dict[str, Check] = {
    "settings": Check(machine.settings, "can be used together"),
    "site-url": Check(machine.site, "readers can follow a link"),
    "private-hosts": Check(machine.private_hosts, "what is meant for tests is off"),
    "keys": Check(machine.keys, "secret_key and address_key"),
    "secret-files": Check(machine.modes, "nobody else can read them"),
    "data-dir": Check(machine.writable, "can be written"),
    "disk": Check(machine.disk, "room for the data"),
    "open-files": Check(machine.files, "as many as threads need"),
    "account": Check(machine.account, "not root"),
    "database": Check(services.database, "answers"),
    "migrations": Check(services.migrations, "the tables fit this version", ground="database"),
    "durability": Check(services.durability, "a commit survives a power cut", ground=TABLES),
    "connections": Check(services.connections, "some are left", ground=TABLES),
    "clock": Check(machine.clock, "agrees with the database's", ground=TABLES),
    "redis": Check(services.redis, "answers", network=True),
    "redis-policy": Check(services.redis_policy, "drops no bell", network=True),
    "workers": Check(services.workers, "live, in this version", ground=TABLES),
    "sends": Check(services.sends, "nothing late, stuck or unknown", ground=TABLES),
    "newsletters": Check(mail.newsletters, "there is one that may send", ground=TABLES),
    "message": Check(mail.message, "a real mail, built and looked through", ground=TABLES),
    "signature": Check(mail.signature, "counts for DMARC", ground=TABLES, senders=True),
    "webhook": Check(mail.webhook, "a signed report is believed"),
    "mail-server": Check(mail.handover, "lets us in", network=True),
    "bounce-mailbox": Check(returned.mailbox, "lets us in", network=True),
    "bounces-read": Check(returned.reading, "by a worker, lately", ground=TABLES),
    "sendgrid-key": Check(provider.key, "may send, and little else", network=True),
    "sendgrid-lists": Check(provider.lists, "we may read whom it drops", network=True),
    "sendgrid-sender": Check(
        provider.identity, "signs for the senders' domains", network=True, ground=TABLES, senders=True
    ),
    "spf": Check(dns.spf, "says who may send", network=True, ground=TABLES, senders=True),
    "dkim": Check(dns.dkim, "shows the key that signs", network=True),
    "dmarc": Check(dns.dmarc, "says what is forged", network=True, ground=TABLES, senders=True),
    "mx": Check(dns.mx, "answers can come back", network=True, ground=TABLES, senders=True),
    "site": Check(mail.site_answers, "leads to this installation", network=True),
    "proxies": Check(mail.proxies, "as many as the web is asked through", network=True, ground="site"),
}


def go_round(config: Config, *, only: Sequence[str] = (), offline: bool = False) -> Iterator[Verdict]:
    """Each check's verdict, as they come. Raises UsageError for a name that is none."""
    for name in only:
        if name not in CHECKS:
            raise UsageError(f"There is no check {name}.{nearest(name, list(CHECKS))}", hint="newsletter doctor --list")
    round_ = _Round(config, offline=offline)
    for name in only or CHECKS:
        yield replace(round_.verdict(name), check=name)


class _Round:
    """One round: each check is asked once at most, those that others stand on first."""

    def __init__(self, config: Config, *, offline: bool) -> None:
        self._config, self._offline = config, offline
        self._seen: dict[str, Verdict] = {}

    def verdict(self, name: str) -> Verdict:
        if name not in self._seen:
            self._seen[name] = self._ask(name, CHECKS[name])
        return self._seen[name]

    def _ask(self, name: str, check: Check) -> Verdict:
        if self._offline and (
            check.network or (name == "database" and self._config.database_url.startswith("postgres"))
        ):
            return skipped("offline")
        if check.ground and self.verdict(check.ground).state in (State.BAD, State.SKIPPED):
            return skipped(f"see {check.ground}")
        asked = partial(check.look, self._config, senders()) if check.senders else partial(check.look, self._config)
        return _in_time(asked) if check.network else _verdict(asked)


def senders() -> list[str]:
    """The newsletters' From addresses."""
    return list(Newsletter.objects.order_by("pk").values_list("sender_email", flat=True))


def _in_time(look: Callable[[], Verdict]) -> Verdict:
    """Whoever trickles along cannot hold the round up, nor the process at its end, which waits for a pool's threads."""
    answers: SimpleQueue[Verdict] = SimpleQueue()
    Thread(target=lambda: answers.put(_verdict(look)), name="doctor", daemon=True).start()
    try:
        return answers.get(timeout=SECONDS)
    except Empty:
        return bad(f"No answer within {SECONDS:g} s.", "Look at the network between here and there.")


def _verdict(look: Callable[[], Verdict]) -> Verdict:
    try:
        return look()
    except NewsletterError as error:
        return bad(str(error), error.hint)
    except Error as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return bad(f"The database: {said}", "newsletter db check")
    except Exception as error:  # noqa: BLE001 - one check that fails in itself must not hide the others
        return bad(f"The check itself failed: {type(error).__name__}.", "Report this: it is a fault of ours.")
