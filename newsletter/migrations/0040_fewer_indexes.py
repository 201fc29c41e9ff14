"""Indexes that no question uses, a third of an import's writing: dropped by name, since to Django each would be a new
foreign key, for which every row is checked while nobody may write."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

UNUSED = {
    "newsletter_consent_staff_id_ae2b7f30": "newsletter_consent (staff_id)",  # consent_by_staff has those that name one
    "newsletter_consent_wording_id_7b84b9b2": "newsletter_consent (wording_id)",  # and consent_to_wording
    "newsletter_subscription_subscriber_id_b3300607": "newsletter_subscription (subscriber_id)",  # subscription_once
}
LIKE = "newsletter_subscriber_address_key_6010301a_like"  # PostgreSQL's, for keys that begin with something


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0039_events_from_smtp"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(condition=models.Q(("staff__isnull", False)), fields=["staff"], name="consent_by_staff"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("wording__isnull", False)), fields=["wording"], name="consent_to_wording"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                *(
                    migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX IF NOT EXISTS {name} ON {of}")
                    for name, of in UNUSED.items()
                ),
                migrations.RunSQL(f"DROP INDEX IF EXISTS {LIKE}", migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="consent",
                    name="staff",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="consent",
                    name="wording",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="newsletter.wording",
                    ),
                ),
                migrations.AlterField(
                    model_name="subscription",
                    name="subscriber",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="newsletter.subscriber",
                    ),
                ),
            ],
        ),
    ]
