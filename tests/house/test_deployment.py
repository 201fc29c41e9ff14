"""What is deployed keeps the code's promises: no token in a proxy's log, time enough to finish a batch."""

import re
import tomllib
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from newsletter.config import Config
from newsletter.pages import quiet

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def routes(resolver: URLResolver, prefix: str = "/") -> list[str]:
    found: list[str] = []
    for each in resolver.url_patterns:
        path = prefix + str(each.pattern)
        found += [path] if isinstance(each, URLPattern) else routes(each, path)
    return found


TOKENS = sorted({route for route in routes(get_resolver()) if "token>" in route})


def logged_by_nginx(path: str) -> str:
    """What the map of deploy/nginx.conf makes of a path."""
    rules = re.findall(r"^\s+~(\^\S+)\s+(\S+);", (ROOT / "deploy" / "nginx.conf").read_text(), re.MULTILINE)
    assert rules
    for pattern, template in rules:
        written, match = template, re.match(pattern.replace("(?<", "(?P<"), path)
        if match:
            for name, value in match.groupdict().items():
                written = written.replace(f"${name}", value)
            return written
    return path


@pytest.mark.parametrize("route", TOKENS)
def test_no_token_is_logged(route: str) -> None:
    path = re.sub(r"<[^>]+>", "s3cret-t0ken", route)
    assert "s3cret" not in logged_by_nginx(path)
    assert "s3cret" not in quiet._TOKEN.sub(r"\1…", path)


def test_there_are_tokens_to_keep_out() -> None:
    assert len(TOKENS) > 5
    assert logged_by_nginx("/archive/the-meridian/12") == "/archive/the-meridian/12"


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_every_unit_runs_a_command_that_exists(unit: Path) -> None:
    text = unit.read_text()
    assert re.search(
        rf"^ExecStart=/opt/newsletter/bin/newsletter run {unit.stem.removeprefix('newsletter-')}$", text, re.MULTILINE
    )
    assert "NoNewPrivileges=yes" in text


def test_a_worker_that_is_told_to_stop_has_time_to_finish() -> None:
    limit = Config().task_limit
    unit = (ROOT / "deploy" / "systemd" / "newsletter-worker.service").read_text()
    compose = (ROOT / "compose.yaml").read_text()
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]) > limit
    assert int(re.search(r"stop_grace_period: (\d+)s # a batch", compose)[1]) > limit


def test_the_image_has_everything_the_wheel_is_built_from() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [
        *wheel["packages"],
        *wheel["force-include"],
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "requirements.lock",
    ]
    dockerfile, ignored = (ROOT / "Dockerfile").read_text(), (ROOT / ".dockerignore").read_text()
    for name in needed:
        assert re.search(rf"^COPY .*\b{re.escape(name)}\b", dockerfile, re.MULTILINE), name
        assert f"!{name}\n" in ignored, name
