"""Every address the web answers."""

from django.urls import URLPattern, URLResolver, path

from newsletter.pages import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez, name="livez"),
]
