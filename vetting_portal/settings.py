"""Every setting of the portal, read from the environment; with nothing set the installation is embedded."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from vetting_portal.keys import secret_key
from vetting_portal.mailers import mail_files, mailer

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env(
    PRODUCTION=(bool, False),
    DATA_DIR=(str, str(BASE_DIR / "var")),
    SECRET_KEY=(str, ""),
    ALLOWED_HOSTS=(list, []),
    PUBLIC_URL=(str, ""),
    PORT=(int, 8000),
    DATABASE_URL=(str, ""),
    STORAGE=(str, "folder"),
    S3_BUCKET=(str, ""),
    S3_ENDPOINT_URL=(str, ""),
    S3_REGION=(str, ""),
    S3_ACCESS_KEY_ID=(str, ""),
    S3_SECRET_ACCESS_KEY=(str, ""),
    EMAIL_URL=(str, ""),
    EMAIL_FROM=(str, "portal@localhost"),
    SCANNER=(str, "none"),
    SEALER=(str, "local"),
    SEAL_SECRET=(str, ""),
    SEAL_CERTIFICATE=(str, ""),
    TSA_URL=(str, ""),
    TSA_CERTIFICATES=(str, ""),
    GIVING_PREFIX=(str, ""),
    STRIPE_WEBHOOK_SECRETS=(list, []),
    TRUSTED_PROXIES=(int, 0),
    LOG_LEVEL=(str, "INFO"),
)

PRODUCTION = env("PRODUCTION")
DATA_DIR = Path(env("DATA_DIR")).resolve()
PORT, STORAGE = env("PORT"), env("STORAGE")

REQUIRED_IN_PRODUCTION = [
    "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DATABASE_URL", "EMAIL_URL", "EMAIL_FROM", "SCANNER",
]  # fmt: skip
REQUIRED_WITH_S3 = ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]
_required = [*(REQUIRED_IN_PRODUCTION if PRODUCTION else []), *(REQUIRED_WITH_S3 if STORAGE == "s3" else [])]
_required += ["SEAL_SECRET"] if PRODUCTION and not env("SEALER").startswith("kms:") else []
_required += ["TSA_CERTIFICATES"] if env("TSA_URL") else []
_missing = [name for name in _required if not env.ENVIRON.get(name)]
if _missing:
    raise ImproperlyConfigured(f"These settings are needed and not set: {', '.join(_missing)}.")
if STORAGE not in {"folder", "s3"}:
    raise ImproperlyConfigured(f"STORAGE is 'folder' or 's3', not '{STORAGE}'.")

DEBUG = False
SECRET_KEY = env("SECRET_KEY") or secret_key(DATA_DIR)
ALLOWED_HOSTS = env("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
PUBLIC_URL = (env("PUBLIC_URL") or f"http://localhost:{PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PRODUCTION else []

INSTALLED_APPS = [
    "vetting_portal",
    "vetting_portal.accounts",
    "partners",
    "reviews",
    "grants",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_cotton",
    "django_fsm",
    "django_htmx",
    "django_tasks_db",
    "rules",
    "storages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "vetting_portal.middleware.FunderZoneMiddleware",
    "vetting_portal.middleware.StaffSecondFactorMiddleware",
    "vetting_portal.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "vetting_portal.urls"
WSGI_APPLICATION = "vetting_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vetting_portal.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it is given, and what every page knows

# --- data -----------------------------------------------------------------------------------------
if env("DATABASE_URL"):
    DATABASES = {"default": {**env.db_url("DATABASE_URL"), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "portal.sqlite3")}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # recursive_triggers: without it INSERT OR REPLACE walks past the append-only triggers of the audit trail.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "vetting_portal_cache"}}

_FOLDER = {
    "BACKEND": "vetting_portal.storages.FolderStorage",
    "OPTIONS": {
        "location": str(DATA_DIR / "files"),
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
_S3 = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": env("S3_BUCKET"),
        "endpoint_url": env("S3_ENDPOINT_URL") or None,
        "region_name": env("S3_REGION") or None,
        "access_key": env("S3_ACCESS_KEY_ID"),
        "secret_key": env("S3_SECRET_ACCESS_KEY"),
        "default_acl": "private",
        "querystring_expire": 60,
        "file_overwrite": True,  # files are named by their content: the same name is the same bytes
        "signature_version": "s3v4",
        "addressing_style": "path",
        "max_memory_size": 1_000_000,  # a larger file is read through the disk
    },
}
STORAGES = {
    "default": _S3 if STORAGE == "s3" else _FOLDER,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL, STATIC_ROOT = "/static/", DATA_DIR / "static"
STATICFILES_FINDERS = ["vetting_portal.stylesheets.JoinedSheetFinder"]
FILE_UPLOAD_HANDLERS = ["vetting_portal.uploads.LimitedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
SCANNER, GIVING_PREFIX, STRIPE_WEBHOOK_SECRETS = env("SCANNER"), env("GIVING_PREFIX"), env("STRIPE_WEBHOOK_SECRETS")
SEALER, SEAL_SECRET, SEAL_CERTIFICATE = env("SEALER"), env("SEAL_SECRET"), env("SEAL_CERTIFICATE")
TSA_URL, TSA_CERTIFICATES = env("TSA_URL"), env("TSA_CERTIFICATES")

# --- people ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "vetting_portal.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_ADAPTER = "vetting_portal.accounts.adapter.PortalAccountAdapter"
MFA_ADAPTER = "vetting_portal.accounts.adapter.PortalMFAAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "vetting_portal.accounts.forms.SignupForm"
ACCOUNT_FORMS = {"signup": "allauth.account.forms.SignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = env("TRUSTED_PROXIES")
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Vetting portal"
DEFAULT_FROM_EMAIL = env("EMAIL_FROM")
MAIL_FOLDER = None if env("EMAIL_URL") else DATA_DIR / "mail"
MAILERS = {"default": mail_files(MAIL_FOLDER) if MAIL_FOLDER else mailer(env.email_url("EMAIL_URL"))}

# --- what a browser is told -----------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # data: for the QR code that sets up a second factor
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 60 * 60, True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env("TRUSTED_PROXIES") else None

LANGUAGE_CODE, TIME_ZONE = "en", "UTC"
USE_TZ = USE_I18N = True
QUIET = ("botocore", "django.tasks", "pikepdf", "weasyprint", "pyhanko", "fontTools")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL")},
    # These tell at INFO of every import, page and step.
    "loggers": {name: {"level": "WARNING"} for name in QUIET},
}
