"""newsletter edition report."""

import click

from newsletter.cli import found
from newsletter.cli.base import DjangoCommand, json_option, print_json, printable


@click.command("report", cls=DjangoCommand)
@click.argument("pk", metavar="ID", type=int)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print rows for a spreadsheet.")
@click.option("--html", "as_html", is_flag=True, help="Print a page with its charts, which needs nothing else.")
def report(pk: int, as_json: bool, as_csv: bool, as_html: bool) -> None:
    """What became of an edition: from planned to delivered, every loss explained, beside the eight before."""
    from newsletter.tracking import report as reports
    from newsletter.tracking import report_forms

    made = reports.of(found.edition(pk))
    if as_json:
        print_json(made.as_json())
    elif as_csv:
        click.echo(report_forms.as_csv(made), nl=False)
    elif as_html:
        click.echo(report_forms.as_html(made))
    else:
        for line in report_forms.lines(made):
            click.echo(printable(line))
