"""Commands of `manage.py` that concern places."""
