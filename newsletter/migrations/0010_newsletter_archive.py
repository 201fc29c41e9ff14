from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0009_unknown_by_hand")]

    operations = [
        migrations.AddField(
            model_name="newsletter",
            name="archive",
            field=models.CharField(
                choices=[("public", "Public"), ("unlisted", "Unlisted"), ("none", "None")],
                default="public",
                max_length=8,
            ),
        ),
    ]
