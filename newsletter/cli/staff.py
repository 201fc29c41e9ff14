"""newsletter staff …"""

import click

from newsletter.cli.base import DjangoGroup, json_option, print_json, print_table, say


@click.group(cls=DjangoGroup)
def staff() -> None:
    """The people who make editions."""


ROLES = click.Choice(["viewer", "editor", "sender", "admin"])


@staff.command()
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=ROLES, help="Editor for a new person; who is there keeps theirs.")
def add(email: str, name: str, role: str | None) -> None:
    """Add a person, or change name and role of one who is there."""
    from newsletter.newsletters import people

    person = people.add(email, name, role or "")
    say(f"{person.email} is {person.role}. Next: newsletter staff login-link {person.email}")


@staff.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Everybody, with their role."""
    from newsletter.newsletters.models import Staff

    rows = [(each.email, each.name, each.role, each.is_active) for each in Staff.objects.order_by("email")]
    if as_json:
        for row in rows:
            print_json(dict(zip(("email", "name", "role", "active"), row, strict=True)))
    elif rows:
        print_table(["email", "name", "role", "active"], rows)
    else:
        say("There is nobody yet. Next: newsletter staff login-link EMAIL")


@staff.command()
@click.argument("email")
@click.argument("role", type=ROLES)
def role(email: str, role: str) -> None:
    """Change what a person may do."""
    from newsletter.newsletters import people

    person = people.change_role(email, role)
    say(f"{person.email} is {person.role}.")


@staff.command("login-link")
@click.argument("email")
def login_link(email: str) -> None:
    """Print a link that signs a person in once, within an hour; the first person of an installation is made admin."""
    from newsletter.newsletters import people

    click.echo(people.login_link(email))
