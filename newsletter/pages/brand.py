"""A newsletter's own colour and type faces on its readers' pages: a small sheet behind the house's own.

A sheet, because the pages allow no style inside them. The logo stays away: it lies on the publication's own host, and a
page asks nobody else for anything.
"""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from newsletter.mail.brand import fonts
from newsletter.mail.colour import DARK_GROUND, LIGHT_GROUND, readable
from newsletter.newsletters.models import Newsletter
from newsletter.pages.pictures import A_YEAR


def sheet_of(newsletter: Newsletter) -> str:
    """The custom properties that the brand sets; the accent is corrected where nobody could read it."""
    faces = fonts({"headline_font": newsletter.headline_font, "text_font": newsletter.text_font})
    light, dark = readable(newsletter.accent, LIGHT_GROUND), readable(newsletter.accent, DARK_GROUND)
    return (
        f"@media screen{{:root{{--accent:{light};--serif:{faces['serif']};--sans:{faces['sans']}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}\n"
    )


def address_of(newsletter: Newsletter) -> str:
    """Where the sheet is; another one for other content, so that it may be kept for ever."""
    content = hashlib.sha256(sheet_of(newsletter).encode()).hexdigest()[:12]
    return f"{reverse('brand', args=[newsletter.slug])}?{content}"


@require_safe
def brand(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001
    """The sheet, for everybody."""
    response = HttpResponse(sheet_of(get_object_or_404(Newsletter, slug=slug)), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
