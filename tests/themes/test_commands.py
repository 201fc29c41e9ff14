"""What a designer types."""

import json

import pytest

from newsletter.cli import main_group
from newsletter.cli.base import run
from newsletter.newsletters.models import Newsletter


def test_new_copies_what_is_named_and_says_what_next(own, capsys):
    assert run(main_group, ["theme", "new", "email/blocks/foot.html"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(own)
    assert "theme preview --watch" in err
    assert (own / "email/blocks/foot.html").is_file()


def test_new_overwrites_nothing_and_knows_the_nearest_name(own, capsys):
    assert run(main_group, ["theme", "new", "email/blocks/foot.html"]) == 0
    assert run(main_group, ["theme", "new", "email/blocks/foot.html"]) == 2
    assert run(main_group, ["theme", "new", "email/blocks/fot.html"]) == 2
    err = capsys.readouterr().err
    assert "is there already; nothing was copied" in err
    assert "Did you mean email/blocks/foot.html?" in err


def test_preview_writes_every_week_with_its_photos(tmp_path, capsys):
    assert run(main_group, ["theme", "preview", "roundup", "--out", str(tmp_path)]) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert {"roundup-good.html", "roundup-good.txt", "roundup-ugly-outlook.html", "photos"} <= names
    assert "pictures.keel.example" not in (tmp_path / "roundup-good.html").read_text()


def test_check_is_silent_when_all_is_fine_and_exits_1_when_not(own, capsys):
    assert run(main_group, ["theme", "check", "plain", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["week"] for line in lines} >= {"good", "ugly", "right-to-left"}
    run(main_group, ["theme", "new", "email/blocks/plain.html"])
    (own / "email/blocks/plain.html").write_text("{% macro head() %}{% endmacro %}{% macro letter_section() %}")
    assert run(main_group, ["theme", "check", "plain"]) == 1
    out, err = capsys.readouterr()
    assert "email/blocks/plain.html, line 1" in err
    assert "Traceback" not in err
    assert "changed" in out


@pytest.mark.parametrize("command", [["check"], ["preview"], ["preview", "--watch"]])
def test_an_unknown_theme_is_a_usage_error(command, capsys):
    assert run(main_group, ["theme", *command, "gazette"]) == 2
    assert "there are plain, roundup, letter" in capsys.readouterr().err


def test_preview_writes_the_letters_by_themselves_too(tmp_path, capsys):
    assert run(main_group, ["theme", "preview", "letter", "--out", str(tmp_path)]) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"letter-confirmation.html", "letter-welcome.txt", "letter-edition-report-outlook.html", "photos"}
    assert not any(name.startswith("roundup") for name in names)


def test_a_readers_page_may_be_copied_but_only_by_name(own, capsys):
    assert run(main_group, ["theme", "new", "pages/base.html"]) == 0
    assert (own / "pages/base.html").is_file()
    assert run(main_group, ["theme", "new", "desk/base.html"]) == 2
    assert run(main_group, ["theme", "new", "--list"]) == 0
    assert {"pages/confirm.html", "email/letter.html"} <= set(capsys.readouterr().out.split())


@pytest.mark.django_db
def test_set_changes_the_brand_and_shows_it(capsys):
    Newsletter.objects.create(slug="keel", name="Keel", sender_email="a@b.example", postal_address="1 Quay")
    assert run(main_group, ["theme", "set", "--theme", "plain", "--social", "RSS=https://keel.example/feed"]) == 0
    assert "RSS=https://keel.example/feed" in capsys.readouterr().out
    assert Newsletter.objects.get().theme == "plain"
    assert run(main_group, ["theme", "set", "--logo", "https://keel.example/logo.svg"]) == 2
