"""Django's settings, from the environment only; `schoolgate.config.environment` says what each one means.

What an officer may change is not here but a typed row on a screen.
"""

from __future__ import annotations

import hashlib
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schoolgate.config import environment
from schoolgate.config.database import database_from, database_not_started
from schoolgate.config.demo_keys import key_for
from schoolgate.config.source_hosts import source_hosts_from
from schoolgate.lib import clock, embedded_postgres

# What is told from outside

DATA_DIR = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
IS_DEMO = environment.is_on("SCHOOLGATE_DEMO")
if IS_DEMO:
    clock.set_ahead(timedelta(seconds=float(environment.read("SCHOOLGATE_DEMO_CLOCK_AHEAD"))))
SECRET_KEY = key_for("SECRET_KEY", data_dir=DATA_DIR, is_demo=IS_DEMO)
ENCRYPTION_KEYS = key_for("SCHOOLGATE_ENCRYPTION_KEYS", data_dir=DATA_DIR, is_demo=IS_DEMO)
OIDC_SERVER_URL = environment.read("SCHOOLGATE_OIDC_SERVER_URL")
SOURCE_HOSTS = source_hosts_from(environment.read("SCHOOLGATE_SOURCE_HOSTS"))

DATABASE_URL = environment.read("DATABASE_URL") or embedded_postgres.recorded_url(DATA_DIR)
DATABASES = {
    "default": database_from(DATABASE_URL) if DATABASE_URL else database_not_started(DATA_DIR),
}

# Who may reach us, and how

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
PUBLIC_URLS = [
    address.strip().rstrip("/")
    for address in (
        environment.read("SCHOOLGATE_PUBLIC_URL") if IS_DEMO else environment.require("SCHOOLGATE_PUBLIC_URL")
    ).split(",")
    if address.strip()
]
if not IS_DEMO and not all(address.startswith("https://") for address in PUBLIC_URLS):
    raise environment.MissingSetting(
        "SCHOOLGATE_PUBLIC_URL must begin with https://; pupils' data is not served in the clear."
    )
ALLOWED_HOSTS = LOOPBACK_HOSTS + ([] if IS_DEMO else [urlsplit(url).hostname or "" for url in PUBLIC_URLS])
CSRF_TRUSTED_ORIGINS = PUBLIC_URLS
SECURE_PROXY_SSL_HEADER = None if IS_DEMO else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not IS_DEMO
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 0 if IS_DEMO else 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IS_DEMO
SESSION_COOKIE_HTTPONLY = True
# Two demos side by side on one machine share the host name, and cookies don't know ports.
INSTALLATION = hashlib.blake2b(SECRET_KEY.encode(), digest_size=4).hexdigest()
SESSION_COOKIE_NAME = f"schoolgate_session_{INSTALLATION}"
CSRF_COOKIE_NAME = f"schoolgate_csrf_{INSTALLATION}"
SESSION_COOKIE_AGE = 8 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# The house, top floor first

INSTALLED_APPS = [
    "schoolgate.console",
    "schoolgate.pages",
    "schoolgate.scheduling",
    "schoolgate.collecting",
    "schoolgate.receiving",
    "schoolgate.maintenance",
    "schoolgate.importing",
    "schoolgate.matching",
    "schoolgate.attendance",
    "schoolgate.blocks",
    "schoolgate.holding",
    "schoolgate.pupils",
    "schoolgate.files",
    "schoolgate.runs",
    "schoolgate.tasks",
    "schoolgate.bases",
    "schoolgate.accounts",
    "schoolgate.authority",
    "schoolgate.audit",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *(["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"] if OIDC_SERVER_URL else []),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "schoolgate.config.middleware.security_headers",
    "schoolgate.config.middleware.readable_questions",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "schoolgate.config.middleware.second_factor_required",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "schoolgate.config.middleware.PlainNotice",
]

ROOT_URLCONF = "schoolgate.config.urls"
WSGI_APPLICATION = "schoolgate.config.wsgi.application"

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "schoolgate.config.jinja2.installation",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "schoolgate.config.jinja2.environment",
            "context_processors": CONTEXT_PROCESSORS,
            "trim_blocks": True,
            "lstrip_blocks": True,
        },
    },
    # For the pages of allauth that we have not written over in a room's `jinja2` folder.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    },
]

# Words, days and rows

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FORM_RENDERER = "django.forms.renderers.Jinja2"

# Files that pages ask for

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Signing in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "arrive"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "schoolgate.config.sign_in.ByInvitation"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# All web processes count attempts to sign in together. Nothing else is cached; far above what a town's
# people leave behind, so that nobody can crowd a count out with invented names.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_count",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# The web server in front says whose attempt it is; without it everybody would be one address.
ALLAUTH_TRUSTED_PROXY_COUNT = 0 if IS_DEMO else 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Schoolgate"
if OIDC_SERVER_URL:
    SOCIALACCOUNT_ADAPTER = "schoolgate.config.single_sign_on.KnownPeopleOnly"
    SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "authority",
                    "name": environment.read("SCHOOLGATE_OIDC_NAME"),
                    "client_id": environment.require("SCHOOLGATE_OIDC_CLIENT_ID"),
                    "secret": environment.require("SCHOOLGATE_OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_SERVER_URL},
                }
            ],
        }
    }

# Jobs

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
WORKER_CONCURRENCY = 4
# A worker says every second that it lives; one silent for five is taken for dead and its jobs are rescued.
PROCRASTINATE_WORKER_DEFAULTS = {
    "update_heartbeat_interval": 1.0,
    "stalled_worker_timeout": 5.0,
    "fetch_job_polling_interval": 1.0,
    "abort_job_polling_interval": 1.0,
    "shutdown_graceful_timeout": 10.0,
}

# What is said, and where: constant event names, ids as fields, never a person's data

LOG_LEVEL = environment.read("SCHOOLGATE_LOG_LEVEL").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "schoolgate.lib.log_lines.QuietFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # It logs a job's arguments at INFO; ours are ids only, but the queue's chatter is of no use.
        "procrastinate": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        # It would repeat the address of every page that isn't there, and people type names into addresses.
        "django.request": {"level": "ERROR"},
    },
}
