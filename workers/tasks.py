"""Bells. Each task is a call into newsletter; losing, doubling or reordering them changes nothing but latency."""

from django.utils import timezone

from newsletter.deliveries import claim, epoch, plan, send, sweep
from newsletter.deliveries.guard import WATCHFUL
from newsletter.deliveries.letter_gate import LETTER_GATE
from newsletter.editions import preflight, ready, rhythm
from newsletter.errands import board
from newsletter.feeds import collect
from newsletter.letters import send as letters
from newsletter.runtime import errands
from newsletter.subscribers import choices, signup
from newsletter.tracking import (
    apply,
    engagement,
    erased,
    heartbeat,
    life,
    postbox,
    provider_erasure,
    refused,
    report_letters,
    retention,
    sendgrid_log,
    sendgrid_nightly,
    watchdog,
)
from newsletter.transports.choose import chosen
from workers.app import CONFIG, app
from workers.bells import AT_MOST, ring


@app.task
def tick() -> None:
    """Close what is through, begin what is due, and ring for the work that lies there."""
    sweep.run()
    plan.begin_due(locked=epoch.fault())
    ring(plan_next, plan.waiting())
    ring(send_next, claim.waiting(AT_MOST))


@app.task
def plan_next() -> None:
    """Plan one slice; ring again while there is work."""
    if plan.plan_next(chosen().batch_size):
        plan_next.delay()


@app.task
def send_next() -> None:
    """Claim and send one batch; ring again while there is work."""
    if send.send_next(chosen(), WATCHFUL):
        send_next.delay()


@app.task
def keep_the_week() -> None:
    """Compose, remind, look and hold as the newsletters' weeks ask for it; nothing in a database that is locked."""
    if not epoch.fault():
        rhythm.keep()


@app.task
def make_pictures() -> None:
    """Make a draft's pictures fit for mail; ring again while there is work."""
    if ready.make_due():
        make_pictures.delay()


@app.task
def ask_links() -> None:
    """Ask the links of a draft; ring again while there is work."""
    if preflight.ask_due():
        ask_links.delay()


@app.task
def collect_due() -> None:
    """Collect the feeds whose time has come."""
    collect.collect_due()


@app.task
def mind_letters() -> None:
    """Take back letters whose worker died, and ring for those that lie there; a sign of life."""
    life.sign()
    letters.sweep()
    ring(letter_next, letters.waiting(AT_MOST))


@app.task
def letter_next() -> None:
    """Send one letter; ring again while there is work."""
    if letters.send_next(LETTER_GATE):
        letter_next.delay()


@app.task
def answer_sign_ups() -> None:
    """Decide who gets a letter to confirm; ring again while there is work."""
    if signup.answer_waiting():
        answer_sign_ups.delay()


@app.task
def mind_readers() -> None:
    """End the pauses that are over; forget what nobody confirmed, and errands of long ago."""
    choices.end_pauses(timezone.now())
    signup.tidy()
    board.tidy()


@app.task
def apply_events() -> None:
    """Apply one set of what providers reported; ring again while there is more."""
    if apply.apply_next():
        apply_events.delay()


@app.task
def judge_clicks() -> None:
    """Tell people and machines apart; ring again while there is more."""
    if engagement.judge():
        judge_clicks.delay()


@app.task
def note_refusals() -> None:
    """Take addresses that a mail server refused at the hand-over for what they are."""
    refused.note()


@app.task
def unpark_events() -> None:
    """Let reports wait again whose copy is here by now."""
    apply.unpark()


@app.task
def reconcile_lists() -> None:
    """Read SendGrid's suppression lists, once a night; its log about unknown copies each time."""
    sendgrid_nightly.pull_if_due()
    sendgrid_log.ask_log_if_any()


@app.task
def read_returned_mail() -> None:
    """Read the bounce mailbox; what it holds becomes events."""
    postbox.look()


@app.task
def tell_reports() -> None:
    """Mail the reports that are due to staff; nothing in a database that is locked."""
    if not epoch.fault():
        report_letters.tell_due()


@app.task
def watch() -> None:
    """Look for what is wrong, and tell; then tell a watcher outside that we are alive."""
    watchdog.watch()
    heartbeat.beat()


@app.task
def forget_old() -> None:
    """Once a night, do away with what is older than it may be; ring again while there is more."""
    if retention.keep_next():
        forget_old.delay()


@app.task
def mind_errands() -> None:
    """Ring for what staff asked for in the desk."""
    ring(errand_next, board.waiting(AT_MOST))


@app.task
def errand_next() -> None:
    """Do one errand, or a part of it; ring again while there is work."""
    if errands.do_next():
        errand_next.delay()


@app.task
def mind_erasures() -> None:
    """Remember erasures outside the database, do them again after a restore, ask the provider; ring while there are."""
    erased.keep()
    if provider_erasure.ask_next(CONFIG):
        mind_erasures.delay()
