from django.db import migrations

COLLATIONS = {"postgresql": '"C"', "sqlite": "BINARY"}
COLUMNS = {"subscriber_address_begins": "email", "subscriber_name_begins": "name"}


def make(apps, schema_editor):
    """Indexes by which a beginning is a range of bytes; Django's own name one collation for every database."""
    collation = COLLATIONS[schema_editor.connection.vendor]
    for name, column in COLUMNS.items():
        schema_editor.execute(f"CREATE INDEX {name} ON newsletter_subscriber ((lower({column}) COLLATE {collation}))")


def drop(apps, schema_editor):
    for name in COLUMNS:
        schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0034_reports_by_mail")]

    operations = [migrations.RunPython(make, drop)]
