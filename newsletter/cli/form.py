"""newsletter form: the sign-up form's address, and the HTML for other sites."""

from typing import Any

import click

from newsletter.cli.base import DjangoCommand, json_option, print_json, say


@click.command(cls=DjangoCommand)
@click.argument("slug", required=False)
@json_option
def form(slug: str | None, as_json: bool) -> None:
    """Where readers sign up, and what to paste into your site: a frame, or a form of your own."""
    from newsletter.errors import Refused
    from newsletter.newsletters import setup

    newsletter = setup.found(slug)
    if not newsletter.privacy_url:
        raise Refused(
            f"{newsletter.name} has no privacy notice, so nobody can sign up.",
            hint=f"newsletter set {newsletter.slug} --privacy-url https://…",
        )
    facts = _facts(newsletter)
    if as_json:
        print_json(facts)
        return
    for words, name in (("The page:", "page"), ("A frame:", "frame"), ("A form of your own:", "html")):
        say(words)
        click.echo(f"{facts[name]}\n")
    say(f"For a script of yours, see docs/readers.md; it posts to {facts['script']}")


def _facts(newsletter: Any) -> dict[str, str]:
    from newsletter import links
    from newsletter.pages import snippet

    page = links.sign_up(newsletter.slug)
    return {
        "page": page,
        "frame": snippet.frame(newsletter),
        "html": snippet.form(newsletter),
        "script": f"{page}.json",
    }
