"""newsletter completion: what a shell needs to complete our commands and options."""

import sys

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from newsletter.cli.base import say

VARIABLE = "_NEWSLETTER_COMPLETE"  # as click derives it from the program's name
KINDS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
WHERE = {
    "bash": "newsletter completion bash > ~/.local/share/bash-completion/completions/newsletter",
    "zsh": "newsletter completion zsh > ~/.zfunc/_newsletter   # and `fpath+=~/.zfunc` before compinit in ~/.zshrc",
    "fish": "newsletter completion fish > ~/.config/fish/completions/newsletter.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(list(WHERE)))
def completion(shell: str) -> None:
    """Print the completion script of bash, zsh or fish, to be kept where that shell looks for it."""
    script = KINDS[shell](click.get_current_context().find_root().command, {}, "newsletter", VARIABLE)
    # Not BashComplete's own source(): it starts the bash of this machine, which need not be the one that reads it.
    click.echo(ShellComplete.source(script))
    if sys.stdout.isatty():
        say(f"To keep it: {WHERE[shell]}")
