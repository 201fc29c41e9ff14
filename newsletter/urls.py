"""Every address the web answers."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from newsletter.pages import archive, health, icon, pictures, unsubscribe

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk")),
    path("favicon.ico", icon.none, name="icon"),
    path("i/<str:name>", pictures.picture, name="picture"),
    path("livez", health.livez, name="livez"),
    path("archive/", archive.index, name="archives"),
    path("archive/<slug:slug>/", archive.past, name="archive"),
    path("archive/<slug:slug>/feed", archive.feed, name="archive-feed"),
    path("archive/<slug:slug>/<int:number>", archive.edition, name="archived"),
    path("e/<str:public_id>", archive.copy, name="in-browser"),
    path("robots.txt", archive.robots, name="robots"),
    path("sitemap.xml", archive.sitemap, name="sitemap"),
    path("u/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("desk/", include("newsletter.desk.urls")),
]
handler403 = "newsletter.pages.errors.forbidden"
handler404 = "newsletter.pages.errors.not_found"
handler500 = "newsletter.pages.errors.broken"
