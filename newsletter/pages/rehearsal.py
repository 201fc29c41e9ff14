"""Where the links of a test mail lead: the pages that readers see, which say that it was a test and change nothing."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from newsletter import signing
from newsletter.newsletters.models import Newsletter
from newsletter.pages.answer import page


def left(request: HttpRequest, token: str) -> HttpResponse | None:
    """Asks, and answers a press or a mail client's one click as always; None for what is no test's token."""
    newsletter = _newsletter(token)
    if newsletter is None:
        return None
    facts = {
        "is_test": True,
        "token": token,
        "undoable": False,
        "thanked": False,
        "asks": False,
        "address": _("your address"),
    }
    template = "pages/goodbye.html" if request.method == "POST" else "pages/unsubscribe.html"
    return page(request, template, newsletter, **facts)


def chosen(request: HttpRequest, token: str) -> HttpResponse | None:
    """Says where a reader would choose; None for what is no test's token."""
    newsletter = _newsletter(token)
    return page(request, "pages/test.html", newsletter) if newsletter else None


def _newsletter(token: str) -> Newsletter | None:
    pk = signing.read_test(token)
    return Newsletter.objects.filter(pk=pk).first() if pk else None
