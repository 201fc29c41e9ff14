"""newsletter up, newsletter demo, newsletter run web|worker|beat."""

import click

from newsletter import config as settings


@click.group()
def run_() -> None:
    """One process each, for production: web, worker, beat."""


@run_.command()
def web() -> None:
    """The web: desk, readers' pages, webhooks. Listens on NEWSLETTER_BIND, host:port or unix:PATH."""
    from newsletter.runtime import programs

    programs.become(programs.web(settings.current()))


@run_.command()
def worker() -> None:
    """A worker: collects, plans and sends. Run as many as you like."""
    from newsletter.runtime import programs
    from newsletter.transports import choose

    config = settings.current()
    choose.check(config)
    programs.insist_on_a_broker(config)
    programs.become(programs.worker(config))


@run_.command()
def beat() -> None:
    """The beat: rings the bells. One is enough, a second does no harm."""
    from newsletter.runtime import programs

    programs.insist_on_a_broker(settings.current())
    programs.become(programs.beat())


@click.command()
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in a browser when it answers.")
def up(open_browser: bool) -> None:
    """Start everything on this machine; Ctrl-C stops it.

    Web, worker, beat and, unless REDIS_URL names one, an embedded Redis-compatible server.
    """
    from newsletter.runtime.up import main
    from newsletter.transports import choose

    choose.check(settings.current())
    main(settings.current(), open_browser=open_browser)


@click.command()
@click.option("--stay", is_flag=True, help="Leave the web up afterwards, with a login link.")
def demo(stay: bool) -> None:
    """The whole road on an invented magazine; nothing leaves this machine."""
    from newsletter.runtime.demo import main

    main(stay=stay)
