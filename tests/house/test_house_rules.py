"""The budgets and borders that no linter knows. A reasoned exception is a line in a table here, never a silent one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.documents import ROOT, tracked

LONGEST_FUNCTION, LONGEST_FILE, MOST_PARAMETERS, LONGEST_TASK = 40, 400, 5, 4

READS_THE_ENVIRONMENT = {
    "newsletter/config.py": "the one reader of settings",
    "newsletter/runtime/boot.py": "Django wants DJANGO_SETTINGS_MODULE there",
    "newsletter/wsgi.py": "the same, for the web",
    "newsletter/runtime/backup.py": "pg_dump gets ours and the password beside it, not on its command line",
    "workers/app.py": "the same, for the worker",
    "newsletter/runtime/screen.py": "NO_COLOR and TERM belong to the terminal, they are no settings",
    "newsletter/feeds/bounded.py": "the child that reads hostile feeds gets five harmless variables and no secret",
}
TRUSTS_HTML = {
    "newsletter/mail/note.py": "the editor's note, just cleaned by nh3",
    "templates/email/frame.html": "white space after the preheader, a constant of ours",
    "newsletter/runtime/magazine/templates/article.html": "the invented magazine's own words, made by its own code",
}

PYTHON = [path for path in tracked("*.py") if "migrations" not in path.parts]
PRODUCT = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in ("newsletter", "workers")]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_function_is_longer_than_40_lines():
    long = [name for path in PYTHON for name, each in _functions(path) if _lines(each) > LONGEST_FUNCTION]
    assert long == []


def test_no_function_takes_more_than_5_parameters():
    wide = [name for path in PRODUCT for name, each in _functions(path) if _parameters(each) > MOST_PARAMETERS]
    assert wide == []


def test_no_file_is_longer_than_400_lines():
    assert [_name(path) for path in PYTHON if path.read_text("utf-8").count("\n") > LONGEST_FILE] == []


def test_a_task_is_at_most_4_lines():
    tasks = [(name, each) for name, each in _functions(ROOT / "workers/tasks.py") if each.decorator_list]
    assert tasks
    assert [name for name, each in tasks if _body_lines(each) > LONGEST_TASK] == []


def test_only_the_settings_and_the_listed_exceptions_read_the_environment():
    readers = {_name(path) for path in PRODUCT if _reads_the_environment(path)}
    assert readers == set(READS_THE_ENVIRONMENT)


def test_html_is_trusted_in_the_listed_places_only():
    trusting = re.compile(r"\|\s*safe\b|mark_safe\(|\bMarkup\(|autoescape\s*(=\s*)?false", re.IGNORECASE)
    templates = [path for path in tracked("templates", "newsletter") if path.suffix in (".html", ".txt")]
    found = {_name(path) for path in PRODUCT + templates if trusting.search(path.read_text("utf-8"))}
    assert found == set(TRUSTS_HTML)


def test_every_whole_html_mail_has_its_text_twin():
    whole = [path for path in tracked("templates/email/*.html") if '{% extends "email/frame.html"' in path.read_text()]
    assert whole
    assert [_name(path) for path in whole if not path.with_suffix(".txt").is_file()] == []


def test_no_tracked_file_names_a_place_on_somebodys_machine():
    place = re.compile(rb"(?<![\w.])/(?:work|root|home|Users)/\w")
    texts = [path for path in tracked() if path.suffix not in (".png", ".jpg", ".woff2")]
    assert [_name(path) for path in texts if place.search(path.read_bytes())] == []


def _functions(path: Path) -> Iterator[tuple[str, Function]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield f"{_name(path)}:{node.lineno} {node.name}", node


def _lines(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def _body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def _parameters(function: Function) -> int:
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return sum(each.arg not in ("self", "cls") for each in every)


def _reads_the_environment(path: Path) -> bool:
    names = ("environ", "environb", "getenv", "getenvb")
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    by_name = any(isinstance(node, ast.ImportFrom) and any(a.name in names for a in node.names) for node in nodes)
    return by_name or any(isinstance(node, ast.Attribute) and node.attr in names for node in nodes)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
