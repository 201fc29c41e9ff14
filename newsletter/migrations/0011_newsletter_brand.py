from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0010_newsletter_archive"),
    ]

    operations = [
        migrations.AddField(
            model_name="newsletter",
            name="theme",
            field=models.CharField(
                default="roundup", help_text="The templates email/NAME.html and .txt", max_length=40
            ),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="logo_url",
            field=models.URLField(blank=True, help_text="A PNG or JPEG; it stands beside the name"),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="logo_size",
            field=models.CharField(default="48x48", help_text="Pixels as shown, width by height", max_length=7),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="headline_font",
            field=models.CharField(default="georgia", max_length=12),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="text_font",
            field=models.CharField(default="system", max_length=12),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="footer",
            field=models.TextField(blank=True, help_text="Lines at the mail's end", max_length=600),
        ),
        migrations.AddField(
            model_name="newsletter",
            name="social",
            field=models.JSONField(blank=True, default=list, help_text='Where the publication is too: {"name", "url"}'),
        ),
    ]
