from django.db import migrations
from django.db.models import F

from newsletter.subscribers import mailboxes

AT_ONCE = 2000


def fill(apps, _editor):
    """What the new columns would hold, had they always been there."""
    subscribers = apps.get_model("newsletter", "Subscriber")
    found = subscribers.objects.exclude(email=None).only("pk", "email")
    changed = []
    for subscriber in found.iterator(chunk_size=AT_ONCE):
        subscriber.mailbox = mailboxes.of(subscriber.email)
        if subscriber.mailbox != mailboxes.Mailbox.OTHER:
            changed.append(subscriber)
    subscribers.objects.bulk_update(changed, ["mailbox"], batch_size=AT_ONCE)
    apps.get_model("newsletter", "Subscription").objects.update(alive_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("newsletter", "0003_mailboxes_canary_ramp")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
