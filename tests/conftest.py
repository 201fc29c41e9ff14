"""What every test may ask for. The settings come from here, never from the machine's environment."""

import os
import tempfile

for _name in [name for name in os.environ if name.startswith(("NEWSLETTER_", "SENDGRID_", "SMTP_URL"))]:
    del os.environ[_name]
for _name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(_name, None)
os.environ["NEWSLETTER_DATA_DIR"] = tempfile.mkdtemp(prefix="newsletter-tests-")
os.environ["NEWSLETTER_SITE_URL"] = "https://news.example.org"
os.environ["NEWSLETTER_ALLOW_PRIVATE_HOSTS"] = "1"
