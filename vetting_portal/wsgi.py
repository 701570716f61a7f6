"""The portal as a WSGI application; a database that is not as it must be stops the start."""

import os

from django.core.checks import ERROR, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting_portal.settings")
application = get_wsgi_application()
_broken = [str(found.msg) for found in run_checks(tags=[Tags.database], databases=["default"]) if found.level >= ERROR]
if _broken:
    raise ImproperlyConfigured(" ".join(_broken))
