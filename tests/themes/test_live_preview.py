"""The live preview shows a change at the next look, and a fault in words."""

import threading

import pytest
import requests

from newsletter import jinja
from newsletter.errors import Unreachable
from newsletter.runtime.themes import scaffold
from newsletter.runtime.themes.live import Preview


@pytest.fixture
def site(own, tmp_path):
    preview = Preview(tmp_path / "photos", 0)
    serving = threading.Thread(target=preview.serve, daemon=True)
    serving.start()
    yield preview.url
    preview.stop()
    serving.join(5)
    jinja.for_mail.cache_clear()


def test_the_first_page_leads_to_every_theme_and_week(site):
    page = requests.get(site, timeout=10).text
    for path in (
        "roundup/good.html",
        "roundup/ugly.outlook",
        "plain/right-to-left.txt",
        "plain/forty-stories.html",
        "letter/welcome.html",
    ):
        assert f'href="/{path}"' in page
        assert requests.get(site + path, timeout=10).status_code == 200


def test_a_changed_template_is_seen_at_the_next_look_and_reloads_open_pages(site, own):
    version = requests.get(f"{site}version", timeout=10).text
    (path,) = scaffold.copy(["email/blocks/foot.html"], own)
    path.write_text(path.read_text().replace("You get this letter", "So you got this letter"))
    assert "So you got this letter" in requests.get(f"{site}roundup/good.html", timeout=10).text
    assert requests.get(f"{site}version", timeout=10).text != version


def test_a_fault_is_shown_with_file_and_line_and_mended_without_a_restart(site, own):
    (path,) = scaffold.copy(["email/blocks/foot.html"], own)
    good = path.read_text()
    path.write_text(good + "{% if %}")
    page = requests.get(f"{site}roundup/good.html", timeout=10).text
    assert f"{path}, line" in page
    assert "Traceback" not in page
    path.write_text(good)
    assert "Mastodon" in requests.get(f"{site}roundup/good.html", timeout=10).text


def test_photos_are_drawn_and_no_other_file_is_served(site, tmp_path):
    photo = requests.get(f"{site}roundup/photos/logo.png", timeout=10)
    assert photo.headers["Content-Type"] == "image/png"
    assert photo.content.startswith(b"\x89PNG")
    (tmp_path / "secret.png").write_bytes(b"secret")
    for path in (
        "roundup/photos/..%2fsecret.png",
        "roundup/photos/a.txt",
        "roundup/gone.html",
        "gazette/good.html",
        "letter/gone.html",
        "x/y/z",
    ):
        assert requests.get(site + path, timeout=10).status_code == 404


def test_a_taken_port_is_said_in_words(site, tmp_path):
    with pytest.raises(Unreachable, match="is taken"):
        Preview(tmp_path, int(site.rstrip("/").rpartition(":")[2]))
