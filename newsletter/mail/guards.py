"""What must hold before and after a mail's styles are inlined. Pure.

Clients' limits: Gmail drops a whole style sheet over 16,384 bytes or with url() in it; lxml breaks the bare
`<![if !mso]>`; script, form, iframe, link and base are stripped or flagged by every large provider.
"""

import re
from collections import Counter

from lxml import etree

from newsletter.errors import NewsletterError

STYLES_LIMIT = 16_384
"""Bytes of all kept style sheets together (Gmail)."""

_FORBIDDEN = re.compile(r"<(script|form|iframe|link|base|object|video)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)
_KEPT_STYLE = re.compile(r'<style[^>]*data-premailer="ignore"[^>]*>(.*?)</style>', re.DOTALL)
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


class InlineError(NewsletterError):
    """The mail cannot be inlined, or inlining would have harmed it; nothing was sent or stored."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Mend the template in templates/email, then render the edition again.")


def check_before(html: str) -> None:
    """Raises InlineError for a document that is not fit to be inlined."""
    if not html.startswith("<!DOCTYPE html>"):
        raise InlineError("The mail must begin with <!DOCTYPE html>, in exactly this case.")
    if found := _FORBIDDEN.search(html):
        raise InlineError(f"The mail holds <{found[1].lower()}>, which mail clients refuse.")
    if "<![if" in html.replace("<!--<![", ""):
        raise InlineError("Write <!--[if !mso]><!--> instead of <![if !mso]>: the bare form does not survive.")
    if html.count("<!--[if") != html.count("<![endif]-->"):
        raise InlineError("A conditional comment for Outlook is not closed.")
    _check_styles(html)


def check_after(before: str, after: str) -> None:
    """Raises InlineError where inlining changed more than styles."""
    if _COMMENT.findall(before) != _COMMENT.findall(after):
        raise InlineError("Inlining changed a conditional comment for Outlook.")
    # Read from the tree: a headline may hold the letters href="…" or !important, and that is no fault.
    if _attributes(before, "href", "src") != _attributes(after, "href", "src"):
        raise InlineError("Inlining changed the address of a link or picture: write addresses in plain ASCII.")
    if _KEPT_STYLE.findall(before) != _STYLE.findall(_COMMENT.sub("", after)):
        raise InlineError("Inlining changed a kept style sheet, or left rules over that fit no tag.")
    if any("!important" in style for style in _attributes(after, "style")):
        raise InlineError("An inlined rule says !important and would beat the sheets for phones and dark mode.")


def _check_styles(html: str) -> None:
    sheets = "".join(_STYLE.findall(html))
    if re.search(r"url\(|@import|@font-face", sheets):
        raise InlineError("A style sheet of the mail loads something: no url(), @import or @font-face.")
    size = sum(len(sheet.encode()) for sheet in _KEPT_STYLE.findall(html))
    if size > STYLES_LIMIT:
        raise InlineError(f"The kept style sheets have {size:,} bytes; Gmail drops all over {STYLES_LIMIT:,}.")


def _attributes(html: str, *names: str) -> Counter[str]:
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8", no_network=True))
    return Counter(str(value) for element in tree.iter() for name, value in element.items() if name in names)
