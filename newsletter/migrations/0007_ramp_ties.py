from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0006_letters_alerts"),
    ]

    operations = [
        migrations.AddField(
            model_name="edition",
            name="alive_last",
            field=models.BigIntegerField(
                blank=True,
                help_text="Of those whose sign of life was then: subscriptions after this are left out",
                null=True,
            ),
        ),
    ]
