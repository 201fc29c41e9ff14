"""Feeds: how each one does, what is in it, and adding, pausing and removing them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from newsletter.desk import fields
from newsletter.desk.access import acts, person, shows
from newsletter.feeds import health, manage
from newsletter.feeds.manage import Wishes
from newsletter.feeds.models import Feed
from newsletter.newsletters import audit
from newsletter.newsletters.models import Right
from newsletter.numbers import counted


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    told = {feed.pk: words for feed, words in ((each.feed, each.words) for each in health.faults(now))}
    facts = {"feeds": Feed.objects.order_by("title", "pk")[:200], "faults": told, "person": person(request)}
    return render(request, "desk/feeds.html", facts)


@acts(Right.EDIT, back="desk-feeds")
def add(request: HttpRequest) -> HttpResponse:
    """Read once before it is kept: a page that is no feed is told so."""
    topics = tuple(each.strip() for each in fields.text(request, "topics").split(",") if each.strip())
    wishes = Wishes(fields.text(request, "title"), fields.text(request, "kind"), topics)
    feed, entries = manage.add(fields.text(request, "url").strip(), wishes)
    audit.record(person(request), "add", f"feed {feed.pk}")
    messages.success(request, f"“{feed}” has {counted(entries or 0, 'entry', 'entries')}; it is collected from now on.")
    return redirect("desk-feeds")


@acts(Right.EDIT, back="desk-feeds")
def pause(request: HttpRequest, feed: int) -> HttpResponse:
    paused = fields.ticked(request, "paused")
    found = manage.pause(feed) if paused else manage.resume(feed)
    audit.record(person(request), "pause" if paused else "resume", f"feed {feed}")
    messages.success(request, f"“{found}” is {'asked no more until you resume it' if paused else 'asked again'}.")
    return redirect("desk-feeds")


@acts(Right.EDIT, back="desk-feeds")
def remove(request: HttpRequest, feed: int) -> HttpResponse:
    """Its articles stay."""
    manage.remove(feed)
    audit.record(person(request), "remove", f"feed {feed}")
    messages.success(request, "The feed is gone; its articles stay.")
    return redirect("desk-feeds")
