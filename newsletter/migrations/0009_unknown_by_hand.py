from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0008_feed_health_and_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="by_hand",
            field=models.BooleanField(
                default=False,
                help_text="Only a person decides about its unknown copies: no policy does, or not once more",
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(condition=models.Q(("unknown__gt", 0)), fields=["edition"], name="batch_unknown"),
        ),
    ]
