"""Rendering never calls anybody: not for pictures, not for style sheets, whatever the content names."""

import socket

from newsletter.editions.render import render
from tests.mail.samples import everything, sample_week


def test_a_render_makes_no_connection():
    # Given a server whose address stands wherever content may name one
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        here = f"http://127.0.0.1:{server.getsockname()[1]}"
        week = sample_week(4)
        for item in everything(week):
            item["url"] = f"{here}/story"
            item["title"] = f'<link rel="stylesheet" href="{here}/a.css"><style>@import "{here}/b.css";</style>'
            item["image"] = {"url": f"{here}/p.jpg", "width": 1200, "height": 800, "alt": "", "credit": ""}
        week["note"] = f"![x]({here}/n.png) <img src={here}/m.png> <style>@import url({here}/c.css)</style>"

        # When the edition is rendered
        assert here in render(week).html

        # Then nobody has called
        try:
            server.accept()
        except BlockingIOError:
            return
        raise AssertionError("the render opened a connection")
