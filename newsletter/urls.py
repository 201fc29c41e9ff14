"""Every address the web answers."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from newsletter.pages import health, icon, pictures, unsubscribe

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="desk")),
    path("favicon.ico", icon.none, name="icon"),
    path("i/<str:name>", pictures.picture, name="picture"),
    path("livez", health.livez, name="livez"),
    path("u/<str:token>", unsubscribe.unsubscribe, name="unsubscribe"),
    path("desk/", include("newsletter.desk.urls")),
]
handler403 = "newsletter.pages.errors.forbidden"
handler404 = "newsletter.pages.errors.not_found"
handler500 = "newsletter.pages.errors.broken"
