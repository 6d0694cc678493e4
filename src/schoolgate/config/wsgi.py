"""The web server's entry."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from schoolgate.config.database import be_impatient

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.config.settings")

be_impatient(settings.DATABASES["default"])
application = get_wsgi_application()
