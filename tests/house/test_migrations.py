"""One history, complete; and since the first release only what old code can live with beside new code."""

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


def test_no_migration_is_missing():
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    assert "newsletter" not in changes, "run: newsletter manage makemigrations newsletter"


def test_the_migrations_form_one_line():
    assert len(MigrationLoader(None).graph.leaf_nodes("newsletter")) == 1


LAST_OF_THE_FIRST_RELEASE = "0034"
CONTRACTS = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterField,
)
CONTRACTED: dict[str, str] = {"0039_events_from_smtp": "names one more source; no column changes"}
"""Migration: why no worker of the release before is hurt. Such as "0040_drop_x": "unused since 0.2"."""


def test_a_migration_only_adds_what_old_code_can_leave_out():
    """Expand and contract: workers of the release before write rows while the new tables are there already."""
    loader = MigrationLoader(None)
    later = {name: each for (app, name), each in loader.disk_migrations.items() if app == "newsletter"}
    later = {name: each for name, each in later.items() if name[:4] > LAST_OF_THE_FIRST_RELEASE}
    broken = [(name, str(step)) for name, each in later.items() for step in each.operations if _breaks_old_code(step)]
    assert [(name, step) for name, step in broken if name not in CONTRACTED] == []


def test_a_column_that_old_code_must_fill_is_seen():
    def added(**options):
        return migrations.AddField("edition", "x", models.IntegerField(**options))

    assert _breaks_old_code(added(default=0))  # Django fills old rows, and drops the default again
    assert not _breaks_old_code(added(null=True))
    assert not _breaks_old_code(added(db_default=0))
    assert _breaks_old_code(migrations.RemoveField("edition", "x"))


def _breaks_old_code(step: Operation) -> bool:
    if isinstance(step, migrations.AddField):
        field = step.field
        return not (field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED)
    return isinstance(step, CONTRACTS)
