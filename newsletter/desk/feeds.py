"""Feeds: how each one does, what is in it, and adding, pausing and removing them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from newsletter.desk import errands, fields
from newsletter.desk.access import acts, person, shows
from newsletter.errands import board
from newsletter.feeds import health, manage, urls
from newsletter.feeds.models import Feed
from newsletter.newsletters import audit
from newsletter.newsletters.models import Right


@shows(Right.VIEW)
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    told = {feed.pk: words for feed, words in ((each.feed, each.words) for each in health.faults(now))}
    facts = {"feeds": Feed.objects.order_by("title", "pk")[:200], "faults": told, "person": person(request)}
    return render(request, "desk/feeds.html", {**facts, **errands.at("feeds")})


@acts(Right.EDIT, back="desk-feeds")
def add(request: HttpRequest) -> HttpResponse:
    """A worker reads it once before it is kept: a page that is no feed is told so."""
    topics = [each.strip() for each in fields.text(request, "topics").split(",") if each.strip()]
    url = urls.web_address(fields.text(request, "url").strip())
    wishes = {"title": fields.text(request, "title"), "kind": fields.text(request, "kind"), "topics": topics}
    board.ask("feed", "feeds", person(request), url=url, **wishes)
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
