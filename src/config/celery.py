"""The background worker: `celery --app config.celery worker`.

The broker is never the record. Each task looks up in PostgreSQL what there is to do, can run twice without harm, and a
sweeper on the beat does what a lost message left undone.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("buurtpot")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
