"""newsletter up: everything on this machine, in one terminal."""

import contextlib
import http.client
import signal
import socket
import subprocess
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from newsletter import config as settings
from newsletter.config import Config
from newsletter.errors import ConfigError, Unreachable
from newsletter.runtime import lock, programs, server
from newsletter.runtime.child import Program, end_with_parent
from newsletter.runtime.screen import Screen
from newsletter.runtime.supervise import StopAsked, Supervisor

PAGE_SECONDS = 30.0  # after which a page that does not answer is mentioned
BEAT_STOP_SECONDS = 5.0
WEB_STOP_SECONDS = 12.0  # a little more than it gives its requests, see web.py
SERVER_STOP_SECONDS = 10.0
INTERRUPTED = 130


def main(config: Config, *, open_browser: bool = False) -> None:
    """Run until asked to stop; then beat, web, worker (after its batch) and server end in this order.

    Raises Refused (already running), ConfigError (port, folder, address) or Unreachable. Raises SystemExit with the
    migration's exit code when that failed, which has said why, and with 130 when a second Ctrl-C cut the ending short.
    """
    began = time.monotonic()
    held = lock.claim(config)
    listener = listen(config.bind)
    if config.redis_url:
        server.check(config)
    screen = Screen()
    supervisor = Supervisor(settings.environment_of_children(), screen, keep=(held, listener.fileno()))
    with contextlib.suppress(StopAsked), supervisor, listener:
        _start(config, supervisor, listener)
        _announce(config, supervisor, screen, listener, began)
        if open_browser:
            webbrowser.open(_address(listener))
        while True:
            supervisor.turn()
    if supervisor.killed:
        raise SystemExit(INTERRUPTED)


@contextlib.contextmanager
def in_background(log: Path) -> Iterator[None]:
    """Another process runs `newsletter up` with our settings for as long as the block runs; its lines go to `log`.

    The block starts when the page answers. Raises Unreachable with the last line of the log when it does not.
    """
    command = [*programs.PYTHON, "newsletter", "up"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=settings.environment_of_children(),
            preexec_fn=end_with_parent(),  # noqa: PLW1509 - called from the main thread
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0o077,
        )
    try:
        _wait_for_page(process, log)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def listen(bind: str) -> socket.socket:
    """The web's socket, from "host:port"; gunicorn inherits it, so a restart refuses nobody. Raises ConfigError."""
    host, port = _host_and_port(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ConfigError(
            f"The web cannot listen on {bind}: {error.strerror}.",
            hint='Choose another place, in newsletter.toml: bind = "127.0.0.1:8001", and site_url to fit it.',
        ) from error


def page_answers(host: str, port: int) -> bool:
    """Whether GET /livez says 200 within half a second."""
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _start(config: Config, supervisor: Supervisor, listener: socket.socket) -> None:
    if not config.redis_url:
        server.prepare(config)
        supervisor.start(_server(config))
    _migrate(supervisor)
    if not config.redis_url:
        _insist_on_server(config, supervisor)
    worker_stop = config.task_limit + 5  # it ends its batch first
    supervisor.start(Program("worker", programs.worker(config), worker_stop))
    bind = f"fd://{listener.fileno()}"
    supervisor.start(Program("web", programs.web(config, bind), WEB_STOP_SECONDS))
    supervisor.start(Program("beat", programs.beat(), BEAT_STOP_SECONDS))


def _migrate(supervisor: Supervisor) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*programs.PYTHON, "newsletter", "db", "migrate"],
        env=settings.environment_of_children(),
        preexec_fn=end_with_parent(),  # noqa: PLW1509 - there is one thread only
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        umask=0o077,
    )
    code = supervisor.wait_for(process)
    if code:
        raise SystemExit(max(code, 1))


def _insist_on_server(config: Config, supervisor: Supervisor) -> None:
    try:
        _wait_for_server(config, supervisor)
    except Unreachable:
        # Its files may be broken, or of a newer program than the one found today. They hold bells, which the
        # database rings again, so a fresh start costs nothing.
        supervisor.dismiss("redis")
        server.set_aside(config)
        supervisor.start(_server(config))
        _wait_for_server(config, supervisor)


def _wait_for_server(config: Config, supervisor: Supervisor) -> None:
    server.wait_until_ready(config, alive=lambda: supervisor.running("redis"), pause=supervisor.turn)


def _server(config: Config) -> Program:
    # It advises a kernel setting that matters to servers that write snapshots, which this one does not.
    return Program("redis", server.command(config), SERVER_STOP_SECONDS, hush="overcommit")


def _announce(config: Config, supervisor: Supervisor, screen: Screen, listener: socket.socket, began: float) -> None:
    host, port = listener.getsockname()[:2]
    if not supervisor.wait_until(lambda: page_answers(_reachable(host), port), PAGE_SECONDS):
        screen.line("up", f"the page does not answer after {PAGE_SECONDS:g} s; the web's lines above say why")
        return
    seconds = time.monotonic() - began
    screen.line("up", f"ready after {seconds:.1f} s: {_address(listener)} (Ctrl-C stops everything)")
    if config.site_url != _address(listener):
        screen.line("up", f"links in mails point to {config.site_url}{_elsewhere(config, port)}")
    if config.transport == "outbox":
        screen.line("up", f"mail is caught in {config.data_dir / 'outbox'}; nothing leaves this machine")


def _elsewhere(config: Config, port: int) -> str:
    """A public address leads here by a proxy; another port of this machine most likely leads to nobody."""
    site = urlsplit(config.site_url)
    if site.hostname not in ("127.0.0.1", "localhost", "::1") or site.port == port:
        return ""
    return f", and this is port {port}: links to sign in lead there too. Make site_url in newsletter.toml fit"


def _wait_for_page(process: "subprocess.Popen[bytes]", log: Path) -> None:
    host, port = _host_and_port(settings.current().bind)
    deadline = time.monotonic() + PAGE_SECONDS
    while not page_answers(_reachable(host), port):
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").strip().splitlines() or ["(it said nothing)"]
            raise Unreachable(f"`newsletter up` did not start: {lines[-1]}", hint=f"Read {log}.")
        time.sleep(0.05)


def _host_and_port(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    if not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the largest port there is
        raise ConfigError(
            f"`up` cannot listen on {bind!r}: use host:port.", hint="`newsletter run web` also takes unix:PATH."
        )
    return host.strip("[]"), int(port)


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound to here


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    name = _reachable(host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"
