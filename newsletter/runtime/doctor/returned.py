"""The mailbox to which bounces come: whether it can be reached, and whether somebody reads it."""

from datetime import timedelta

from django.utils import timezone

from newsletter import clock
from newsletter.config import Config
from newsletter.numbers import counted
from newsletter.runtime.doctor.verdicts import Verdict, doubtful, good, skipped
from newsletter.tracking import postbox
from newsletter.tracking.models import Postbox

LATELY = timedelta(minutes=10)  # it is read once a minute
_NONE = "no mailbox is set: bounces come by a pipe, by SendGrid, or not at all"


def mailbox(config: Config) -> Verdict:
    """Whether it lets us in; nothing in it is read or marked."""
    if not config.bounce_mailbox_url:
        return skipped(_NONE)
    return good(f"it can be read; {counted(postbox.reached(config.bounce_mailbox_url), 'message')} in it")


def reading(config: Config) -> Verdict:
    """Whether a worker read it lately."""
    if not config.bounce_mailbox_url:
        return skipped(_NONE)
    box = Postbox.objects.first()
    if box is None or box.read_at is None:
        return doubtful("Nobody has read the bounce mailbox yet.", "newsletter up, or `run beat` and `run worker`")
    ago = timezone.now() - box.read_at
    words = f"{clock.duration(ago.total_seconds())} ago"
    if ago > LATELY:
        why = f": {box.fault}" if box.fault else "."
        return doubtful(f"The bounce mailbox was last read {words}{why}", "newsletter bounce check")
    return good(f"read {words}")
