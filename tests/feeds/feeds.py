"""Feeds of our own writing, as small as their point allows."""

from collections.abc import Iterable

NAMESPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def item(title: str = "A story", link: str = "https://x.example/a", guid: str = "", more: str = "") -> str:
    named = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    return f"<item><title>{title}</title><link>{link}</link>{named}{more}</item>"


def rss(*items: str, title: str = "X", link: str = "https://x.example/") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel><title>{title}</title>'
        f"<link>{link}</link>{''.join(items)}</channel></rss>"
    ).encode()


def atom(*entries: str, attributes: str = "", head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>X</title>'
        f"{head}{''.join(entries)}</feed>"
    ).encode()


def numbered(numbers: Iterable[int], more: str = "") -> list[str]:
    return [item(f"Story {n}", f"https://x.example/{n}", f"g{n}", more) for n in numbers]
