"""The HTML that a publication pastes into its own site: a frame, or a form that says what ours says."""

from html import escape

from django.utils.translation import gettext as _

from newsletter import links
from newsletter.newsletters.models import Newsletter
from newsletter.pages import wording
from newsletter.pages.answer import speaking

MARK = "pasted"
"""A hidden field of the form: by it the evidence tells a form on another site from our page."""
HEIGHT = 840
"""Pixels that the frame takes on a phone; where topics make it longer, it scrolls."""


def frame(newsletter: Newsletter) -> str:
    """Our form in a frame."""
    address, name = f"{links.sign_up(newsletter.slug)}/frame", escape(newsletter.name)
    return f'<iframe src="{address}" title="{name}" width="100%" height="{HEIGHT}" style="border:0"></iframe>'


def form(newsletter: Newsletter) -> str:
    """A form of their own, with the words that are kept as agreed to; in the newsletter's language."""
    with speaking(newsletter.language):
        (terms,) = wording.terms_of([newsletter])
        said = " ".join(escape(sentence) for sentence in terms.sentences)
        return (
            f'<form action="{links.sign_up(newsletter.slug)}" method="post">\n'
            f'  <input type="hidden" name="{MARK}" value="1">\n'
            f"  <label>{escape(_('Your mail address'))}"
            ' <input type="email" name="address" autocomplete="email" required></label>\n'
            f"  <button>{escape(_('Sign up'))}</button>\n"
            f'  <small>{said} <a href="{escape(newsletter.privacy_url)}">{escape(_("Privacy notice"))}</a></small>\n'
            "</form>"
        )
