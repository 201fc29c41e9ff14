"""Log lines: one object each, ids in fields of their own, and never an address (O-07)."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from newsletter import logs


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("newsletter.trial")
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


def test_a_line_is_an_object_with_the_ids_it_is_about(written) -> None:
    logger, stream = written
    token = logs.task.set("7f3a")
    logger.info("batch %s is through", 7, extra={"batch": 7, "edition": 3, "other": "stays out"})
    logs.task.reset(token)
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "newsletter.trial",
        "message": "batch 7 is through",
        "batch": 7,
        "edition": 3,
        "task": "7f3a",
    }


def test_a_fault_that_quotes_an_address_does_not_get_it_into_the_log(written) -> None:
    logger, stream = written
    try:
        int('duplicate key: (email)=(ada.lovelace@example.org), "Bo" <bo@example.org>')
    except ValueError:
        logger.exception("cannot keep ada.lovelace@example.org\nand this")
    assert stream.getvalue().count("\n") == 1
    line = json.loads(stream.getvalue())
    assert "example.org" not in line["message"] + line["trace"]
    assert "duplicate key" in line["trace"]


def test_lines_for_people_quote_none_either() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "lost ada@example.org", (), None)
    assert logs.Lines().format(record) == "WARNING x: lost …@…"
