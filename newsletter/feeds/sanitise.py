"""Text from outside becomes plain text: no markup, no entities, nothing that turns or hides what is seen. Pure."""

import html
import re
import unicodedata

import nh3

from newsletter.feeds.values import DEK_LIMIT

# Tags that end a line or a paragraph: without a space the words on both sides would grow together.
_BLOCK = re.compile(
    r"(?=</?(?:p|br|div|li|ul|ol|h[1-6]|tr|td|blockquote|figure|figcaption|section|hr)\b)", re.IGNORECASE
)
# Characters; the HTML parser's time grows with the square of nesting depth, and no line of ours is longer.
_MOST_INPUT = 50_000
# Characters of a paragraph that is more than a label.
_OPENING = 60
# Characters of opening sentences after which no further one is taken.
_ENOUGH = 110
_SILENT = {"script", "style", "svg", "iframe", "noscript", "template", "math", "object", "textarea", "title"}
_ENDINGS = (".", "!", "?", "”", '"')
_BREAKS = ("</p>", "<br", "</div>", "</h", "</blockquote>", "</li>")
# Zero width space, word joiner, byte order mark, soft hyphen and the bidirectional controls (also T-04's homographs):
# they reorder or hide text. Joiners (200C, 200D) stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)
_TAIL = re.compile(
    r"\s*(?:The post .{1,300} (?:appeared first|first appeared) on .{1,200}"
    r"|(?:Continue reading|Read (?:the )?(?:more|full|rest)|Read on|Click here to|Keep reading)\b.{0,200})$"
)
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3}|\[link\])\s*$")
# Where a sentence may end: with its closing quote, before a space; Chinese and Japanese leave none.
_SENTENCE = re.compile(r"[.!?…؟۔।][\"'”’»)]*\s+|[。！？][」』”’）]*")
_OPENS = "\"'“‘«„¿¡([「『"
# "NEWARK, N.J. (AP) — Jurors …": where the agency sat and who it is; "WASHINGTON — The …" in a text's opening.
_WIRE = re.compile(
    r"^(?:[^\W\d_a-z][^()—–]{2,60} )?\((?:AP|Reuters|REUTERS|AFP|UPI|CP|dpa|EFE|ANSA|PTI|Xinhua|Bloomberg|CNN"
    r"|The Canadian Press|The Conversation)\)\s*(?:[—–]+|--?)\s*(?=\W?[^\W\d_a-z])"
)
_PLACE = re.compile(
    r"^[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{3,30}(?:, [A-Z][\w.]{1,20}(?: [A-Z][\w.]{1,20})?)? (?:[—–]|--) (?=\W?[A-ZÀ-Þ])"
)
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|St|Gen|Gov|Sen|Rep|Rev|Lt|Col|Sgt|Capt|Prof|No|vs|U\.S|U\.N|U\.K|e\.g|i\.e))\.$"
)


def plain(text: str, limit: int = 0) -> str:
    """One line of plain text, NFC, white space folded; cut at a word to `limit` characters when that is above 0.

    Entities may be escaped more than once (WordPress with Yoast), so this goes on until nothing changes:
    plain(plain(x)) is plain(x), and no tag is left in the result.
    """
    text = text[:_MOST_INPUT]
    for _ in range(6):
        cleaned = _once(text)
        if cleaned == text:
            break
        text = cleaned
    else:
        # Nobody escapes six times in good faith.
        text = fold(text.replace("<", " ").replace("&", " "))
    return shorten(text, limit) if limit else text


def _once(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if "<" in text:
        text = _BLOCK.sub(" ", text)
        text = html.unescape(nh3.clean(text, tags=set(), attributes={}, clean_content_tags=_SILENT))
    return fold(text)


def fold(text: str) -> str:
    """White space folded; control, bidirectional and unpaired surrogate characters gone; NFC."""
    text = _INVISIBLE.sub("", text)
    if not text.isprintable():
        text = "".join(_visible(char) for char in text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in ("Cc", "Cs", "Cn") else char


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a word with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return f"{head.rsplit(' ', 1)[0].rstrip(' ,;:–—-') or head}…"


def dek(markup: str) -> tuple[str, bool]:
    """The sentence or two under a title, and whether it had to be cut out of something longer.

    Full texts (RebelMouse, Atom content) give their opening sentences; "The post … appeared first on …",
    "Continue reading" and "[…]" are the CMS talking and go.
    """
    whole = _TAIL.sub("", _WIRE.sub("", plain(markup)))
    ended = _CUT.sub("", whole)
    if ended == whole and len(whole) <= DEK_LIMIT:
        return whole, False
    opening = _first_sentences(ended)
    if opening == ended and ended != whole and not ended.endswith(_ENDINGS):
        opening = f"{ended.rstrip(' ,;:–—-')}…"
    return opening, True


def opening(markup: str) -> str:
    """The first sentence or two of a full text, as a dek where nobody wrote one."""
    text, _ = dek(_opening_paragraph(markup))
    text = _PLACE.sub("", text)
    # What a colon announces stands in the next paragraph.
    return f"{text[:-1]}…" if text.endswith(":") else text


def _opening_paragraph(markup: str) -> str:
    """The first paragraph that has at least a short sentence in it; labels and datelines before it are passed over."""
    lowered = markup.lower()
    start = position = 0
    for _ in range(20):
        ends = [at for mark in _BREAKS if (at := lowered.find(mark, position)) >= 0]
        if not ends:
            break
        position = min(ends) + 2
        text = plain(markup[start : position - 2])
        if len(text) >= _OPENING:
            return markup[start : position - 2]
        start = start if text.endswith(_ENDINGS) else position - 2
    return markup[start:]


def _first_sentences(text: str) -> str:
    taken = ""
    for sentence in _sentences(text[: DEK_LIMIT * 3]):
        longer = taken + sentence
        if taken and (len(longer.rstrip()) > DEK_LIMIT or len(taken.rstrip()) >= _ENOUGH):
            break
        taken = longer
    return shorten(taken.rstrip(), DEK_LIMIT)


def _sentences(text: str) -> list[str]:
    """The text in its sentences, each with its closing quotes and the space after; "Mr." and "U.S." end none."""
    parts: list[str] = []
    start = 0
    for end in _SENTENCE.finditer(text):
        head, following = text[start : end.end()], text[end.end() :].lstrip(_OPENS)[:1]
        if not following.islower() and not _ABBREVIATED.search(head.rstrip()):
            parts.append(head)
            start = end.end()
    return [*parts, text[start:]] if start < len(text) else parts
