"""Every address the web answers."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from newsletter.pages import (
    archive,
    brand,
    confirm,
    counted,
    icon,
    personal,
    pictures,
    preferences,
    subscribe,
    unsubscribe,
)
from newsletter.webhooks import sendgrid

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk")),
    path("favicon.ico", icon.none, name="icon"),
    path("brand/<slug:slug>.css", brand.brand, name="brand"),
    path("i/<str:name>", pictures.picture, name="picture"),
    path("archive/", archive.index, name="archives"),
    path("archive/<slug:slug>/", archive.past, name="archive"),
    path("archive/<slug:slug>/feed", archive.feed, name="archive-feed"),
    path("archive/<slug:slug>/<int:number>", archive.edition, name="archived"),
    path("e/<str:public_id>", archive.copy, name="in-browser"),
    path("r/<str:link>", counted.follow, name="counted"),
    path("r/<str:link>/<str:click>", counted.follow, name="counted-personal"),
    path("o/<str:link>/<str:token>", counted.opened, name="opened"),
    path("robots.txt", archive.robots, name="robots"),
    path("sitemap.xml", archive.sitemap, name="sitemap"),
    path("subscribe/", subscribe.several, name="subscribe-several"),
    path("subscribe/<slug:slug>", subscribe.single, name="subscribe"),
    path("subscribe/<slug:slug>.json", subscribe.by_script, name="subscribe-by-script"),
    path("subscribe/<slug:slug>/frame", subscribe.framed, name="subscribe-framed"),
    path("c/<str:token>", confirm.sign_up, name="confirm"),
    path("a/<str:token>", confirm.address, name="change-of-address"),
    path("u/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/undo", unsubscribe.undo, name="unsubscribe-undo"),
    path("u/<str:token>/why", unsubscribe.why, name="unsubscribe-why"),
    path("p/<str:token>", preferences.preferences, name="preferences"),
    path("me/<str:token>", personal.person, name="personal"),
    path("me/<str:token>/data.json", personal.data, name="personal-data"),
    path("webhooks/sendgrid", sendgrid.events, name="webhook-sendgrid"),
    path("desk/", include("newsletter.desk.urls")),
]
handler400 = "newsletter.pages.errors.unreadable"
handler403 = "newsletter.pages.errors.forbidden"
handler404 = "newsletter.pages.errors.not_found"
handler500 = "newsletter.pages.errors.broken"
