"""Commands of `manage.py` that concern payments."""
