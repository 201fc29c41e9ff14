"""The command line: noun, then verb."""

import sys
from typing import Any

import click

from newsletter import __version__, config
from newsletter.cli.base import LazyGroup, run

COMMANDS = {
    "init": (
        "newsletter.cli.init:command",
        "Set up an installation: newsletter.toml, tables, newsletter, first person.",
    ),
    "up": ("newsletter.cli.running:up", "Start everything on this machine: web, worker, beat, embedded server."),
    "demo": ("newsletter.cli.running:demo", "The whole road on an invented magazine; nothing leaves this machine."),
    "preview": ("newsletter.cli.preview:preview", "Any feed becomes this week's digest as an HTML file."),
    "status": ("newsletter.cli.status:status", "Editions and how their sends stand."),
    "doctor": ("newsletter.cli.doctor:doctor", "Everything that must be right for mail to go out, one by one."),
    "forecast": ("newsletter.cli.forecast:forecast", "The next four runs: when, to how many, with what."),
    "add": ("newsletter.cli.newsletters:add", "Add a newsletter: its sender, schedule and sections."),
    "list": ("newsletter.cli.newsletters:list_", "The newsletters of this installation."),
    "show": ("newsletter.cli.newsletters:show", "One newsletter."),
    "set": ("newsletter.cli.newsletters:set_", "Change a newsletter."),
    "form": ("newsletter.cli.form:form", "Where readers sign up, and what to paste into your site."),
    "feed": ("newsletter.cli.feed:feed", "Feeds: add, list, check, collect, pause, remove."),
    "article": ("newsletter.cli.article:article", "Collected articles."),
    "edition": ("newsletter.cli.edition:edition", "Editions: compose, preview, approve, schedule, audit."),
    "subscriber": ("newsletter.cli.subscriber:subscriber", "Readers: add, import, export, show, suppress, erase."),
    "delivery": ("newsletter.cli.delivery:delivery", "Every reader's copy."),
    "batch": ("newsletter.cli.delivery:batch", "Batches of copies handed over together."),
    "event": ("newsletter.cli.event:event", "What providers reported: status, replay, held, reconcile."),
    "bounce": ("newsletter.cli.bounce:bounce", "Returned mail: read it, look at what is in quarantine."),
    "letter": ("newsletter.cli.letter:letter", "Mails outside an edition: notices and alerts."),
    "theme": ("newsletter.cli.theme:theme", "How mails look: brand, own templates, preview, check."),
    "staff": ("newsletter.cli.staff:staff", "The people who make editions."),
    "config": ("newsletter.cli.settings:config", "Settings and where each came from."),
    "retention": ("newsletter.cli.retention:retention", "Do away with what is older than it may be."),
    "db": ("newsletter.cli.db:db", "The database: migrate, check, backup, restore."),
    "run": ("newsletter.cli.running:run_", "One process each, for production: web, worker, beat."),
    "unlock": ("newsletter.cli.db:unlock", "Let a restored database send again."),
    "completion": ("newsletter.cli.completion:completion", "Completion for bash, zsh and fish."),
    "manage": ("newsletter.cli.db:manage", "Django's own commands."),
    "version": ("newsletter.cli.settings:version", "The version."),
}

# Settings that any command takes as a flag, before the noun.
FLAGS = ("data_dir", "site_url", "database_url", "redis_url", "transport", "bind")


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="newsletter %(version)s")
@click.option("--no-input", is_flag=True, help="Never ask; what would is refused without its --yes.")
def main_group(no_input: bool, **flags: Any) -> None:  # noqa: ARG001 # base.confirm looks it up
    """The weekly round-up desk of a publication.

    From its feeds to its readers' mailboxes, every copy accounted for. Start with `newsletter demo`.
    """
    config.set_flags({name: value for name, value in flags.items() if value is not None})


for _name in FLAGS:
    main_group.params.append(
        click.Option([f"--{_name.replace('_', '-')}"], metavar="VALUE", help=config.OPTIONS[_name].metadata["help"])
    )


def main() -> int:
    """The console script."""
    return run(main_group, sys.argv[1:])
