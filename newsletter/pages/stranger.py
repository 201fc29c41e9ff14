"""What we note of whoever asks: the shortened network, and nothing else."""

from django.http import HttpRequest

from newsletter import config
from newsletter.subscribers import networks


def network(request: HttpRequest) -> str:
    """The network somebody comes from, such as 203.0.113.0/24; empty where it is not known."""
    seen, said = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    return networks.shortened(networks.nearest_stranger(seen, said, config.current().proxies))
