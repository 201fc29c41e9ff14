"""python -m workers worker|beat …: Celery's command line on our application.

Unlike `celery --app workers.app` it never takes a folder called "workers" in the current directory for ours.
"""

import sys

from workers.app import app

app.start(sys.argv[1:])
