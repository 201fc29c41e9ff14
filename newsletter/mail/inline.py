"""Moves a mail's styles into its tags, once per rendering, in this one place. Never reaches for the network.

The options are premailer's only ones under which width and height attributes, conditional comments and the style
sheets for dark mode and phones come out unharmed; each was tried on premailer 3.10.0.
"""

import logging
from functools import lru_cache
from typing import Any

import cssutils
import cssutils.util
from lxml import etree
from premailer import Premailer

from newsletter.mail.guards import InlineError, check_after, check_before

_OPTIONS: dict[str, Any] = {
    "keep_style_tags": False,
    "strip_important": False,
    "remove_classes": False,
    "include_star_selectors": False,
    "exclude_pseudoclasses": True,
    "capitalize_float_margin": False,
    "align_floating_images": False,
    "remove_unset_properties": True,
    # Sizes are written by hand in the templates: premailer would put "100%" and "auto" in their place.
    "disable_basic_attributes": ["width", "height", "align", "valign", "bgcolor"],
    "base_url": None,
    "disable_link_rewrites": True,
    "disable_validation": True,
    "cache_css_parsing": True,
    "disable_leftover_css": False,
    "allow_network": False,
    "allow_loading_external_files": False,
    "method": "html",
}


class _Inliner(Premailer):  # type: ignore[misc] # it comes without types
    """Reads a style sheet once for all mails that have it: that took most of the time of inlining a short one."""

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules(css_body, ruleset_index)
        return rules.copy(), leftover.copy()


@lru_cache(maxsize=64)  # a theme has a few, a brand changes one of them
def _rules(css: str, number: int) -> tuple[list[Any], list[Any]]:
    found: tuple[list[Any], list[Any]] = Premailer("", **_OPTIONS)._parse_style_rules(css, number)  # noqa: SLF001
    return found


def _nothing(_url: str) -> None:
    """Fetches nothing: allow_network=False does not stop cssutils from following @import."""


cssutils.util._defaultFetcher = _nothing  # noqa: SLF001 - the only switch that holds for every parser premailer makes
# Six digits stay six: some clients know no #fff.
cssutils.ser.prefs.minimizeColorHash = False
# 24 lines a mail about mso- and -webkit- properties that are meant.
logging.getLogger("CSSUTILS").setLevel(logging.CRITICAL)


def inline(html: str) -> str:
    """The same document with every style in its tag; `data-premailer="ignore"` keeps a style sheet as it is.

    Raises InlineError if the document is empty or holds what mail clients refuse, or if inlining changed a link, a
    conditional comment or a kept style sheet.
    """
    source = html.lstrip("\ufeff \n")
    check_before(source)
    finished = _inlined(source)
    check_after(source, finished)
    return finished


def _inlined(html: str) -> str:
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8", no_network=True))
    try:
        root = _Inliner(tree, **_OPTIONS).transform()
    except Exception as error:  # premailer and cssutils raise whatever they stumble over
        raise InlineError(f"The styles of the mail cannot be moved into its tags: {error}") from error
    # Serialised here: premailer would lose the doctype, and pretty_print opens gaps between pictures.
    return str(etree.tostring(root, method="html", encoding="unicode", doctype="<!DOCTYPE html>"))
