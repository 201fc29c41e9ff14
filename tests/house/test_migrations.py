from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def test_no_migration_is_missing():
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    assert "newsletter" not in changes, "run: newsletter manage makemigrations newsletter"


def test_the_migrations_form_one_line():
    assert len(MigrationLoader(None).graph.leaf_nodes("newsletter")) == 1
