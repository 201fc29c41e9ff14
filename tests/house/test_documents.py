import shlex

import pytest

from newsletter import config
from newsletter.errors import Exit
from tests.house import command_tree, documents, reference

DOCUMENTS = [path for path in documents.tracked(":(glob)*.md", ":(glob)docs/**/*.md") if path.name != "CHANGELOG.md"]


def test_every_setting_is_in_the_readme_by_both_names_and_nothing_else_is():
    rows = documents.table("### Settings")
    listed = {(row[0].strip("`"), row[1].strip("`")) for row in rows}
    assert listed == {(name, field.metadata["env"]) for name, field in config.OPTIONS.items()}


def test_the_readme_gives_each_settings_real_default():
    defaults = {name: field.default_factory() for name, field in config.OPTIONS.items()}
    defaults["data_dir"] = "var"  # below the folder one is in
    expected = {name: _as_written(value) for name, value in defaults.items()}
    assert {row[0].strip("`"): row[2].strip("`") for row in documents.table("### Settings")} == expected


def test_every_command_is_in_the_readme_and_nothing_else_is():
    listed = [_words(row[0]) for row in documents.table("### Commands")]
    assert sorted(listed) == sorted(command_tree.leaves())


def test_the_reference_says_what_the_commands_say_now():
    assert reference.PAGE.read_text(encoding="utf-8") == reference.text(), "run: python -m tests.house.reference"


def test_the_readme_lists_the_exit_codes_that_commands_use():
    codes = [int(row[0]) for row in documents.table("### Exit codes")]
    assert [code for code in codes if code < 128] == [code.value for code in Exit]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_document_shows_exists_with_its_options(document):
    known = command_tree.leaves()
    for line in documents.commands_shown(document.read_text(encoding="utf-8")):
        words, given = _split(line, known)
        unknown = {each.partition("=")[0] for each in given} - command_tree.options(known[words])
        assert not unknown, f"{line}: {unknown}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_to_a_file_of_the_checkout(document):
    targets = documents.links(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_every_module_that_the_house_map_names_exists():
    named = documents.modules((documents.ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not _is_module(name)] == []


def _is_module(name: str) -> bool:
    return any((documents.ROOT / folder / name).is_file() for folder in (".", "newsletter"))


def _as_written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or "empty"


def _words(cell: str) -> str:
    """The command's words in a cell such as `newsletter feed add URL`."""
    words = cell.strip("`").removeprefix("newsletter ").split()
    return " ".join(word for word in words if word.islower() and word[0].isalpha())


def _split(line: str, known: dict[str, object]) -> tuple[str, list[str]]:
    """The command of a printed line, and the options given to it."""
    parts = shlex.split(line)[1:]
    given = [part for part in parts if part.startswith("-")]
    for length in (3, 2, 1):
        for start in range(len(parts)):
            words = " ".join(parts[start : start + length])
            if words in known:
                return words, given
    raise AssertionError(f"{line}: there is no such command")
