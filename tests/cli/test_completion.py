"""Completion: the script that a shell reads, and what it is answered when somebody presses TAB."""

import subprocess
import sys

import pytest

from newsletter.cli import COMMANDS


def pressed(shell, words, *, at):
    """What the program answers when a shell asks it."""
    asked = {"_NEWSLETTER_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": at}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from newsletter.cli import main; sys.exit(main())"],
        env=asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program_by_the_name_it_listens_to(terminal, shell):
    assert terminal("completion", shell) == 0
    assert f"_NEWSLETTER_COMPLETE={shell}_complete" in terminal.out
    assert terminal.err == ""  # the output is redirected into a file: no talk


def test_another_shell_is_refused(terminal):
    assert terminal("completion", "tcsh") == 2
    assert "'bash', 'zsh', 'fish'" in terminal.err


def test_tab_completes_nouns_verbs_and_options():
    assert pressed("bash", "newsletter feed a", at="2") == ["plain,add"]
    nouns = [line.partition(",")[2] for line in pressed("bash", "newsletter ", at="1")]
    assert nouns == list(COMMANDS)
    assert pressed("fish", "newsletter feed add --no", at="--no") == ["plain,--no-check\tDo not fetch it now."]
