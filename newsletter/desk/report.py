"""What became of an edition, as a page, and as rows for a spreadsheet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from newsletter.desk.access import person, shows
from newsletter.desk.editions import edition_or_404
from newsletter.newsletters.models import Right
from newsletter.tracking import report as reports
from newsletter.tracking import report_forms


@shows(Right.VIEW)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    edition = edition_or_404(pk)
    facts = report_forms.view(reports.of(edition))
    return render(request, "desk/report.html", {**facts, "edition": edition, "person": person(request)})


@shows(Right.VIEW)
def as_csv(_request: HttpRequest, pk: int) -> HttpResponse:
    made = report_forms.as_csv(reports.of(edition_or_404(pk)))
    named = {"Content-Disposition": f'attachment; filename="edition-{pk}.csv"'}
    return HttpResponse(made, content_type="text/csv; charset=utf-8", headers=named)
