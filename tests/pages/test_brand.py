"""Readers' pages wear their newsletter's own colour and type faces."""

import re

import pytest
from django.test import Client

from newsletter.mail.colour import contrast
from newsletter.newsletters.models import Newsletter


def sheet_address(client: Client) -> str:
    page = client.get("/subscribe/the-meridian").content.decode()
    [address] = re.findall(r'href="(/brand/[^"]+)"', page)
    return address


@pytest.mark.django_db
def test_a_page_wears_the_newsletters_accent_and_faces(client: Client, open_newsletter: Newsletter) -> None:
    Newsletter.objects.update(accent="#1f4e79", headline_font="palatino", text_font="verdana")
    answer = client.get(sheet_address(client))
    sheet = answer.content.decode()
    assert answer["Content-Type"].startswith("text/css")
    assert "immutable" in answer["Cache-Control"]
    assert not answer.cookies
    assert "--accent:#1f4e79" in sheet
    assert "--serif:Palatino" in sheet
    assert "--sans:Verdana" in sheet


@pytest.mark.django_db
def test_an_accent_that_nobody_could_read_is_corrected(client: Client, open_newsletter: Newsletter) -> None:
    Newsletter.objects.update(accent="#ffee55")
    light, dark = re.findall(r"--accent:(#\w{6})", client.get(sheet_address(client)).content.decode())
    assert contrast(light, "#ffffff") >= 4.5
    assert contrast(dark, "#161615") >= 4.5


@pytest.mark.django_db
def test_another_brand_has_another_address_so_that_nothing_old_is_kept(
    client: Client, open_newsletter: Newsletter
) -> None:
    before = sheet_address(client)
    Newsletter.objects.update(accent="#005f3a")
    assert sheet_address(client) != before


@pytest.mark.django_db
def test_nobody_s_brand_is_not_found(client: Client) -> None:
    assert client.get("/brand/nobody.css").status_code == 404
