"""Django's settings, made from newsletter.config. No other code of ours reads these names from the environment."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from newsletter import config as _config

CONFIG = _config.current()

DATA_DIR = CONFIG.data_dir
SECRET_KEY = CONFIG.secret_key or _config.key_file(CONFIG, "secret_key")
SECRET_KEY_FALLBACKS = [key.strip() for key in CONFIG.old_secret_keys.split(",") if key.strip()]
ADDRESS_KEY = CONFIG.address_key or _config.key_file(CONFIG, "address_key")
SITE_URL = CONFIG.site_url
LEASE = timedelta(seconds=CONFIG.lease)

DEBUG = False
# Links are made from SITE_URL alone, never from a request's Host header.
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "localhost", "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{urlsplit(SITE_URL).scheme}://{urlsplit(SITE_URL).netloc}"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "newsletter",
]
MIDDLEWARE = [
    "newsletter.pages.site.named",
    "newsletter.pages.health.machines",  # before the Host is looked at: machines name us by number
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "newsletter.urls"
WSGI_APPLICATION = "newsletter.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "newsletter.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.request",
            ],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    if not url or url.startswith("sqlite:"):
        # FULL: a ledger must survive power loss, and WAL with NORMAL may lose the last commits then.
        name = url.removeprefix("sqlite:///") or str(DATA_DIR / "newsletter.sqlite3")
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options, "CONN_MAX_AGE": 600}
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    named = {key.upper(): str(parts.pop(key)) for key in ("user", "password", "host", "port") if key in parts}
    name = str(parts.pop("dbname", "newsletter"))
    # Asked before each request and task whether it still lives: after a restart of the database each of the web's
    # threads would otherwise show one reader an error, perhaps to the one click of somebody who leaves.
    kept = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    options = {**parts, "prepare_threshold": 5}  # for the cursors of deliveries/rows.py only
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "OPTIONS": options, **kept, **named}


DATABASES = {"default": _database(CONFIG.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "newsletter.Staff"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("CommonPasswordValidator", {}),
    )
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds; login links use it too
LOGIN_URL = "/desk/login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]  # of readers' pages; a newsletter's own language chooses
LOCALE_PATHS = [Path(__file__).parent / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Each web process keeps its own pages of past editions for a minute (pages/archive.py): nothing else is cached.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 200}},
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [("newsletter", Path(__file__).parent / "static")]
WHITENOISE_USE_FINDERS = True  # no collectstatic step; long-lived names come with part of the URL

_HTTPS = SITE_URL.startswith("https:")
SESSION_ENGINE = "newsletter.newsletters.sessions"
SESSION_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds
SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"  # with no-referrer browsers post forms with a null Origin
CSRF_FAILURE_VIEW = "newsletter.pages.errors.stale_form"
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "newsletter.logs.Lines"},
        "json": {"()": "newsletter.logs.JsonLines"},
    },
    "filters": {"no_tokens": {"()": "newsletter.pages.quiet.NoTokens"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": CONFIG.log_format, "filters": ["no_tokens"]}
    },
    "loggers": {"newsletter": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
# cssutils complains about every mso- property.
logging.getLogger("CSSUTILS").setLevel(logging.CRITICAL)
