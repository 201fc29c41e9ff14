"""POST /webhooks/sendgrid: its Event Webhook. Verified, stored, answered; a worker applies what is stored.

Anything but a signed request from SendGrid changes nothing and is counted. It tries again for 24 hours whatever is not
answered with 2xx, so a database that is away costs nothing but time.
"""

import logging
import time

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsletter import config
from newsletter.tracking import sendgrid_events, store, tally
from newsletter.webhooks import signature

log = logging.getLogger(__name__)
MOST_BYTES = 5 * 1024 * 1024  # it sends at most 768 KB


@csrf_exempt  # signed instead
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """200 when every event is kept; 4xx for what SendGrid would not send, 503 when nothing can be kept now."""
    try:
        keys = signature.keys_in(config.current().sendgrid_webhook_public_key)
    except ValueError:
        keys = ()
    if not keys:
        return _refused("no-key", 503)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _refused("too-large", 413)
    timestamp = request.headers.get(signature.TIMESTAMP, "")
    if not signature.verifies(keys, timestamp, body, request.headers.get(signature.SIGNATURE, "")):
        return _refused("forged", 403)
    if not signature.is_fresh(timestamp, time.time()):
        return _refused("stale", 403)
    return _keep(body)


def _keep(body: bytes) -> HttpResponse:
    try:
        read = sendgrid_events.read(body)
    except sendgrid_events.MalformedError:
        return _refused("malformed", 400)
    try:
        kept = store.keep(read.events)
    except (DatabaseError, InterfaceError):
        log.exception("events cannot be kept; SendGrid will send them again")
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    tally.count("webhook.unreadable", read.unreadable)
    tally.count("webhook.foreign", kept.foreign)
    tally.count("webhook.repeated", kept.known)
    return HttpResponse(status=200)


def _refused(why: str, status: int) -> HttpResponse:
    tally.count(f"webhook.{why}")
    return HttpResponse(status=status)
