"""Writing a sitemap: https://www.sitemaps.org/protocol.html."""

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree as ET

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_of(pages: Iterable[tuple[str, datetime | None]]) -> bytes:
    """The document for these addresses, each with the moment it last changed, where that is known."""
    urlset = ET.Element("urlset", xmlns=NAMESPACE)
    for address, changed in pages:
        url = ET.SubElement(urlset, "url")
        ET.SubElement(url, "loc").text = address
        if changed:
            ET.SubElement(url, "lastmod").text = changed.isoformat(timespec="seconds")
    return bytes(ET.tostring(urlset, encoding="utf-8", xml_declaration=True))
