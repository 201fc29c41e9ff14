"""Whoever is woken finds a way: each alert has a row in docs/alerts.md, and each row a runbook that tests walk."""

import re

from tests.house.documents import ROOT

ALERTS = (ROOT / "docs/alerts.md").read_text("utf-8")
ROWS = [line for line in ALERTS.splitlines() if "](runbooks/" in line]
RUNBOOKS = {path.stem for path in (ROOT / "docs/runbooks").glob("*.md")} - {"README"}
# A key's text, up to what is different from one edition or feed to the next
_RAISED = re.compile(r'(?:Finding\(\s*f?|about\(\s*\w+, )"([a-z-]+(?:\{fault\.kind\})?)')


def test_every_alert_that_the_watchdog_raises_has_a_row_and_nothing_else_has():
    sources = [path.read_text("utf-8") for path in (ROOT / "newsletter/tracking").glob("*.py")]
    raised = {key for source in sources for key in _RAISED.findall(source)}
    assert len(raised) > 20
    listed = {key for row in ROWS for key in re.findall(r"`([a-z-]+)`", row.split(" | ")[1])}
    assert listed == (raised - {"feed-{fault.kind}"}) | {"feed-failing", "feed-silent"}


def test_every_row_leads_to_a_runbook():
    assert {re.findall(r"runbooks/([\w-]+)\.md", row)[-1] for row in ROWS} <= RUNBOOKS


def test_every_runbook_is_walked_by_a_test():
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests/runbooks").glob("test_*.py"))
    assert set(re.findall(r'runbook\("([\w-]+)"\)', tests)) == RUNBOOKS
