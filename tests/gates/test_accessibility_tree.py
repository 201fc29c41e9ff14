"""What a screen reader is told of a mail, as Chromium tells it: each story once, under its section, as one link.

After a change that is meant, renew the files with `.venv/bin/python -m tests.gates.test_accessibility_tree` and read
their diff.
"""

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
TOLD = {
    "article",
    "heading",
    "link",
    "image",
    "list",
    "listitem",
    "button",
    "checkbox",
    "combobox",
    "textbox",
    "status",
}
MAILS = ("roundup-good", "plain-good", "confirmation", "preferences")


def judged(name):
    """The HTML of a mail, or of the page where readers choose."""
    from tests.gates.mails import all_letters, all_mails, preferences

    if name == "preferences":
        return preferences()
    return {**all_mails(), **all_letters()}[name].html


def tree(page):
    """Role, level and name of what stands out, a line each."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    lines = []
    for node in _in_order(nodes):
        role = node.get("role", {}).get("value", "")
        if node.get("ignored") or role not in TOLD:
            continue
        levels = [str(each["value"]["value"]) for each in node.get("properties", []) if each["name"] == "level"]
        words = [role, *(levels if role == "heading" else []), node.get("name", {}).get("value", "")]
        lines.append(" ".join(filter(None, words)))
    return "\n".join(lines) + "\n"


def _in_order(nodes):
    known = {node["nodeId"]: node for node in nodes}
    waiting = [nodes[0]]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [known[child] for child in reversed(node.get("childIds", [])) if child in known]


@pytest.mark.parametrize("name", MAILS)
def test_a_screen_reader_is_told_what_it_was(opened, name):
    assert tree(opened(judged(name))) == (GOLDEN / f"{name}.txt").read_text()


def renew() -> None:
    """Writes the files anew."""
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
    import tests.conftest  # noqa: F401 - sets the address that the links begin with

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    from playwright.sync_api import sync_playwright

    from tests.gates.tools import chromium

    GOLDEN.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name in MAILS:
            page = browser.new_page(viewport={"width": 800, "height": 900})
            page.route("**/*", lambda route: route.abort())
            page.set_content(judged(name))
            (GOLDEN / f"{name}.txt").write_text(tree(page))
        browser.close()


if __name__ == "__main__":
    renew()
