"""How the site is put together: settings from the environment, addresses, the worker, the web server's door."""

# Loaded with the site, so that what a request leaves for later goes to our broker and not to Celery's default one.
from config.celery import app as celery

__all__ = ["celery"]
