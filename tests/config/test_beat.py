"""What the beat sends is known to the worker."""

from django.conf import settings

from config.celery import app


def test_every_task_of_the_schedule_is_one_that_the_worker_has() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert len(wanted) == len(settings.CELERY_BEAT_SCHEDULE)
    assert wanted - set(app.tasks) == set()
