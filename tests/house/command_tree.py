"""The tree of commands, walked as Click knows it."""

from collections.abc import Iterator

import click

from newsletter.cli import main_group


def leaves() -> dict[str, click.Command]:
    """Every command by its words, such as "feed add"; groups themselves are left out."""
    return dict(_walk(main_group, ""))


def _walk(command: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _walk(found, f"{words} {name}".strip())


def options(command: click.Command) -> set[str]:
    """What may be given to a command, the group's own flags included."""
    every = [*command.params, *main_group.params]
    names = {name for each in every if isinstance(each, click.Option) for name in [*each.opts, *each.secondary_opts]}
    return names | {"-h", "--help"}
