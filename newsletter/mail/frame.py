"""What every mail's frame and style sheets ask for: direction, colours and type faces. Pure."""

from functools import partial
from typing import Any

from newsletter.mail.brand import fonts
from newsletter.mail.colour import DARK_GROUND, LIGHT_GROUND, readable
from newsletter.mail.language import direction_of, direction_of_language


def frame(language: str, ours: str, accent: str) -> dict[str, Any]:
    """For templates that extend email/frame.html. `language` is a BCP 47 tag, `ours` that of our own words."""
    dir_ = direction_of_language(language)
    return {
        "fits": language.lower().split("-")[0] == ours.lower().split("-")[0],
        "our_language": ours,
        "direction_of": partial(direction_of, otherwise=dir_),
        "dir": dir_,
        "start": "right" if dir_ == "rtl" else "left",
        "end": "left" if dir_ == "rtl" else "right",
        "accent": readable(accent, LIGHT_GROUND),
        "accent_dark": readable(accent, DARK_GROUND, minimum=6),  # small capitals glow on a dark ground
        **fonts({}),
    }
