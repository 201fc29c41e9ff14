"""The Celery side: the only place that names Celery. Tasks are bells; the work is in newsletter."""
