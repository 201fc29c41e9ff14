"""Letters to staff about themselves: an invitation, and a link to sign in.

The link is made when the letter is, and stands in no row.
"""

from dataclasses import dataclass

from newsletter import links
from newsletter.letters.words import Publication, Words
from newsletter.newsletters import people
from newsletter.newsletters.models import Staff


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Somebody was made a staff member. `by`: who did it."""

    staff: int
    role: str
    by: str = ""

    def words(self, about: Publication) -> Words:
        return self.said(about, Staff.objects.get(pk=self.staff))

    def said(self, about: Publication, person: Staff) -> Words:
        """The letter to a person whose row is at hand."""
        return Words(
            subject=f"You are invited to the desk of {about.name}",
            happened=f"{self.by or 'Somebody'} made you {_A[self.role]} at the desk of {about.name}.",
            paragraphs=(
                "The desk is where its newsletter is made.",
                "The link signs you in once, within seven days. Later the sign-in page mails you another when you ask.",
                "If you expected nothing of this kind, do nothing.",
            ),
            link=("Come in", links.desk_login(people.invitation(person))),
        )


@dataclass(frozen=True, kw_only=True)
class LoginLink:
    """Somebody typed this staff member's address on the sign-in page."""

    staff: int

    def words(self, about: Publication) -> Words:
        return self.said(about, Staff.objects.get(pk=self.staff))

    def said(self, about: Publication, person: Staff) -> Words:
        """The letter to a person whose row is at hand."""
        return Words(
            subject=f"Your link to the desk of {about.name}",
            happened=f"Here is the link to the desk of {about.name}.",
            paragraphs=(
                "It signs you in once, within an hour.",
                "If you did not ask for it, do nothing: nobody gets in without this letter.",
            ),
            link=("Sign in", people.link_for(person)),
        )


_A = {"viewer": "a viewer", "editor": "an editor", "sender": "a sender", "admin": "an admin"}
