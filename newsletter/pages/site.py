"""Every answer says which installation gives it, so that preflight can tell whether SITE_URL leads here."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from newsletter import links


def named(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware: the name is no secret, every mail carries it in Feedback-ID."""

    def answer_named(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response[links.SITE_HEADER] = links.sender_id()
        return response

    return answer_named
