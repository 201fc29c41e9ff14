"""html-validate finds no error in any mail, nor in what Outlook on Windows makes of it.

Only the Outlook view sees the ghost tables: they stand in comments.
"""

import json
import subprocess

import pytest

from newsletter.mail.outlook import revealed
from tests.gates.mails import all_letters, all_mails, kinds_not_judged
from tests.gates.tools import HERE, html_validate


def faults(folder, config):
    # --config is named because it is looked for beside the file, not here.
    command = [*html_validate(), "--config", str(HERE / config), "--formatter", "json", str(folder)]
    # Into a file: it ends before a pipe has taken all.
    said = folder / "report.json"
    with said.open("w") as out:
        done = subprocess.run(command, check=False, stdout=out, stderr=subprocess.PIPE, text=True, timeout=300)
    assert said.stat().st_size, done.stderr
    return [
        f"{report['filePath'].rpartition('/')[2]}:{each['line']} {each['ruleId']}: {each['message']}"
        for report in json.loads(said.read_text())
        for each in report["messages"]
    ]


@pytest.mark.parametrize(
    ("config", "view"), [("html-validate.json", str), ("html-validate-outlook.json", revealed)], ids=["mail", "Outlook"]
)
def test_no_mail_has_an_error(tmp_path, config, view):
    for name, made in {**all_mails(), **all_letters()}.items():
        (tmp_path / f"{name}.html").write_text(view(made.html))
    assert faults(tmp_path, config) == []


def test_every_kind_of_letter_is_judged():
    assert kinds_not_judged() == set()


def test_a_ghost_table_left_open_is_found(tmp_path):
    html = all_mails()["roundup-one-story"].html.replace("<!--[if mso]></td></tr></table><![endif]-->", "")
    (tmp_path / "broken.html").write_text(revealed(html))
    assert any(
        "close-order" in fault or "unclosed" in fault for fault in faults(tmp_path, "html-validate-outlook.json")
    )


def test_a_picture_without_alt_is_found(tmp_path):
    (tmp_path / "broken.html").write_text(all_mails()["roundup-good"].html.replace('alt=""', "", 1))
    assert any("alt" in fault for fault in faults(tmp_path, "html-validate.json"))
