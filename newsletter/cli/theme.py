"""newsletter theme …"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter import config
from newsletter.cli.base import DjangoCommand, as_option, counted, json_option, print_json, print_table, say, to_type
from newsletter.runtime.boot import set_up_django

if TYPE_CHECKING:
    from newsletter.runtime.themes.check import Tried
    from newsletter.runtime.themes.scaffold import Override

BRAND = {
    "theme": ("theme", "NAME", "The design: roundup, plain, or one of your own"),
    "accent": ("accent", "#RRGGBB", "The brand's colour; corrected where it could not be read"),
    "logo": ("logo_url", "URL", "A PNG or JPEG that stands beside the name"),
    "logo_size": ("logo_size", "WxH", "Pixels as shown, such as 48x48"),
    "headline_font": ("headline_font", "FONT", "Such as georgia, palatino or helvetica"),
    "text_font": ("text_font", "FONT", "Such as system, verdana or georgia"),
    "footer": ("footer", "TEXT", "Lines for the mail's end, divided by |"),
    "social": ("social", "LINKS", 'Such as "Mastodon=https://…; Bluesky=https://…"'),
}


class KeylessCommand(click.Command):
    """A command that needs Django's templates but no database and no key: not even a data directory is left behind."""

    def invoke(self, ctx: click.Context) -> Any:
        config.set_flags({"secret_key": "unused", "address_key": "unused"})
        set_up_django()
        from newsletter import jinja

        jinja.for_mail.cache_clear()  # a flag may have named another folder
        return super().invoke(ctx)


@click.group()
def theme() -> None:
    """How mails look: brand, own templates, preview, check."""


@theme.command("set", cls=DjangoCommand)
@click.argument("slug", required=False)
@as_option
def set_(slug: str | None, as_email: str | None, **texts: str | None) -> None:
    """Change a newsletter's theme and brand. An empty text takes a setting back; without options they are shown."""
    from newsletter.editions import branding
    from newsletter.newsletters import audit, setup
    from newsletter.newsletters.models import Right

    newsletter = setup.found(slug)
    given = {BRAND[name][0]: text for name, text in texts.items() if text is not None}
    if given:
        branding.change(newsletter, given, audit.acting(as_email, Right.ADMIN))
        say(f"Changed {newsletter.name}. Next: {to_type('edition preview ID')}")
    facts = branding.facts(newsletter)
    facts["social"] = "; ".join(f"{link['name']}={link['url']}" for link in newsletter.social)
    facts["footer"] = newsletter.footer.replace("\n", " | ")
    print_table(["", ""], [(name, facts[column]) for name, (column, *_) in BRAND.items()])


for _name, (_, _metavar, _text) in BRAND.items():
    set_.params.append(click.Option([f"--{_name.replace('_', '-')}", _name], metavar=_metavar, help=_text))


@theme.command(cls=KeylessCommand)
@click.argument("names", metavar="[TEMPLATE]...", nargs=-1)
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="Default: templates_dir")
@click.option("--list", "as_list", is_flag=True, help="Only say which templates there are.")
def new(names: tuple[str, ...], folder: Path | None, as_list: bool) -> None:
    """Copy shipped templates into your own directory, to change them there; those of all mails, where none is named.

    Those of readers' pages (pages/…) may be named too. The desk's are not for changing.
    """
    from newsletter.runtime.themes import scaffold

    if as_list:
        click.echo("\n".join(scaffold.shipped()))
        return
    target = folder or Path(config.current().templates_dir or "my-templates")
    copied = scaffold.copy(names, target)
    say(f"Copied {counted(len(copied), 'template')}. What you do not change you may delete: ours then stands in.")
    if config.current().templates_dir != str(target.resolve()):
        say(f"Make them count: export NEWSLETTER_TEMPLATES_DIR={target.resolve()}")
    say(f"Next: {to_type('theme preview --watch')}")
    click.echo(target)


@theme.command(cls=KeylessCommand)
@click.argument("name", required=False)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default="theme-preview", show_default=True)
@click.option("--watch", is_flag=True, help="Serve them instead; a page reloads when a template changes.")
@click.option("--port", type=click.IntRange(0, 65535), default=8025, show_default=True)
def preview(name: str | None, out: Path, watch: bool, port: int) -> None:
    """Good weeks and ugly ones, and the letters: in every theme, or in the one named; "letter" is the letters alone.

    The ugly ones: no photo, 300 characters, right to left, 1 and 40 stories.
    """
    from newsletter.runtime.themes import live, look

    _check_name(name)
    out.mkdir(parents=True, exist_ok=True)
    if watch:
        server = live.Preview(out / look.FOLDER, port, name or "")
        say(f"{server.url} shows the themes until Ctrl-C. Change a template and look.")
        server.serve()
        return
    tried = _tried(name)
    for each in tried:
        if each.rendered:
            look.write(f"{each.theme}-{each.week}", each.rendered, out)
    _fail_on_errors(tried)
    say(f"Next: open the HTML files, or {to_type('theme preview --watch')}")
    click.echo(out)


@theme.command("check", cls=KeylessCommand)
@click.argument("name", required=False)
@click.option("--gallery", type=click.Path(file_okay=False, path_type=Path), help="Write pictures there, by Chromium.")
@json_option
def check_(name: str | None, gallery: Path | None, as_json: bool) -> None:
    """Try every theme on every week, and the letters; say what is wrong and which of your templates are behind ours.

    Exit 1 for an error; warnings may be meant.
    """
    from newsletter.runtime.themes import scaffold

    _check_name(name)
    tried = _tried(name)
    own = config.current().templates_dir
    overrides = scaffold.overrides(Path(own)) if own else []
    if as_json:
        _print_as_json(tried, overrides)
    else:
        _print(tried, overrides)
    if gallery:
        _picture(tried, gallery)
    _fail_on_errors(tried)


def _check_name(name: str | None) -> None:
    from newsletter import jinja
    from newsletter.errors import UsageError
    from newsletter.runtime.themes.letters import THEME

    if name is not None and name not in (known := [*jinja.themes(), THEME]):
        raise UsageError(f"There is no theme {name!r}; there are {', '.join(known)}.")


def _tried(name: str | None) -> "list[Tried]":
    """Every theme and every letter, or those of one name."""
    from newsletter.runtime.themes import check, letters

    weeks = [] if name == letters.THEME else check.check([name] if name else ())
    return [*weeks, *(letters.check() if name in (None, letters.THEME) else [])]


def _print(tried: "list[Tried]", overrides: "list[Override]") -> None:
    rows = [(each.theme, each.week, f"{each.size:,}" if each.rendered else "–", _verdict(each)) for each in tried]
    print_table(["theme", "week", "bytes", ""], rows, right=(2,))
    said = {(finding.level, finding.text): each for each in reversed(tried) for finding in each.findings}
    for (level, text), each in reversed(said.items()):
        say(f"{level} ({each.theme}, {each.week}): {text}")
    if overrides:
        print_table(["your template", ""], [(each.name, each.state) for each in overrides])
    if any(each.state == "behind" for each in overrides):
        say("Behind: ours has changed since you copied it. Compare, take over what you want, copy it anew.")


def _verdict(each: "Tried") -> str:
    errors = sum(finding.level == "error" for finding in each.findings)
    warnings = len(each.findings) - errors
    words = [*([counted(errors, "error")] if errors else []), *([counted(warnings, "warning")] if warnings else [])]
    return ", ".join(words) or "fine"


def _print_as_json(tried: "list[Tried]", overrides: "list[Override]") -> None:
    for each in tried:
        found = [{"level": finding.level, "text": finding.text} for finding in each.findings]
        print_json({"theme": each.theme, "week": each.week, "bytes": each.size, "findings": found})
    for override in overrides:
        print_json({"template": override.name, "state": override.state})


def _picture(tried: "list[Tried]", gallery: Path) -> None:
    """The good week of each theme, in every view."""
    import tempfile

    from newsletter.runtime.themes import look

    gallery.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for each in tried:
            if each.week == "good" and each.rendered:
                taken = list(look.shots(look.write(each.theme, each.rendered, Path(folder)), gallery))
                say(
                    f"{counted(len(taken), 'picture')} of {each.theme}"
                    if taken
                    else "No Chromium was found: no picture."
                )


def _fail_on_errors(tried: "list[Tried]") -> None:
    from newsletter.errors import NewsletterError

    faults = [finding.text for each in tried for finding in each.findings if finding.level == "error"]
    if faults:
        raise NewsletterError(f"{counted(len(faults), 'error')}. The first: {faults[0]}", hint=to_type("theme check"))
