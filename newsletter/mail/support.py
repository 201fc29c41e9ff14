"""Which CSS the core clients understand: Gmail, Outlook on Windows and on the web, Apple Mail, Yahoo. Pure.

From the facts of caniemail.com (September 2025), for what a round-up may want; a property that is not here is unknown.
"""

FINE = frozenset(
    {
        *(
            "background-color",
            "border",
            "border-bottom",
            "border-collapse",
            "border-left",
            "border-right",
            "border-top",
        ),
        *(
            "border-top-color",
            "border-bottom-color",
            "border-color",
            "color",
            "direction",
            "font",
            "font-family",
            "font-size",
        ),
        *("font-style", "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin"),
        *("margin-bottom", "margin-left", "margin-right", "margin-top", "padding", "padding-bottom", "padding-left"),
        *("padding-right", "padding-top", "table-layout", "text-align", "text-decoration", "text-indent"),
        *(
            "text-transform",
            "vertical-align",
            "white-space",
            "width",
            "word-break",
            "display",
            "max-height",
            "overflow",
        ),
    }
)
"""Everywhere, or where it is missing nobody can tell."""

HARMLESS: dict[str, str] = {
    "border-radius": "Outlook on Windows draws corners",
    "color-scheme": "only clients with a dark mode of their own read it",
    "supported-color-schemes": "as color-scheme",
    "font-variant-numeric": "few know it; digits are as wide as the face makes them",
    "max-width": "Outlook on Windows knows it on tables only; the ghost table stands in",
    "object-fit": "Outlook on Windows stretches: give the picture its true proportions",
    "overflow-wrap": "Gmail and Outlook ignore it; word-break stands in",
    "text-wrap": "few know it; lines break as ever",
}
"""Missing somewhere, and the mail holds up without it."""

REFUSED: dict[str, str] = {
    "animation": "Gmail and Outlook ignore it",
    "background": "write background-color; Gmail drops a sheet whole in which it meets url()",
    "background-image": "Outlook on Windows shows none, and Gmail may drop the whole style",
    "box-shadow": "Outlook on Windows and Gmail on some phones show none",
    "clip-path": "Gmail and Outlook ignore it",
    "filter": "Gmail and Outlook ignore it",
    "flex": "Outlook on Windows and Gmail ignore it",
    "float": "Outlook on Windows ignores it; use align on the picture",
    "gap": "Outlook on Windows and Gmail ignore it",
    "grid-template-columns": "Outlook on Windows and Gmail ignore it",
    "margin-inline-start": "Outlook and Yahoo ignore it; use {{ start }} and {{ end }}",
    "margin-inline-end": "Outlook and Yahoo ignore it; use {{ start }} and {{ end }}",
    "opacity": "Outlook on Windows ignores it",
    "padding-inline-start": "Outlook and Yahoo ignore it; use {{ start }} and {{ end }}",
    "padding-inline-end": "Outlook and Yahoo ignore it; use {{ start }} and {{ end }}",
    "position": "Gmail, Outlook and Yahoo ignore it",
    "transform": "Gmail and Outlook ignore it",
    "transition": "Gmail and Outlook ignore it",
    "z-index": "Gmail and Outlook ignore it",
}
"""A design that needs it breaks for many readers."""

UNITS = ("rem", "vw", "vh", "ch")
"""Lengths that Outlook or Yahoo cannot read: px is what all know."""


def complaint(name: str, value: str) -> str:
    """Why this declaration should not be in a mail; "" where it may."""
    if name.startswith(("mso-", "-webkit-", "-ms-")) or (name in FINE | HARMLESS.keys() and _reads(value)):
        return "flex and grid are ignored by Outlook and Gmail" if value in {"flex", "grid", "inline-flex"} else ""
    if name in REFUSED:
        return f"{name}: {REFUSED[name]}"
    if name in FINE or name in HARMLESS:
        return f"{name}: {value}: use px, percent and six-digit colours; Outlook and Yahoo read no other"
    return f"{name}: nobody here knows whether mail clients read it"


def _reads(value: str) -> bool:
    return not value.endswith(UNITS) and "(" not in value
