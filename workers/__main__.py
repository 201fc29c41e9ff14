"""python -m workers worker|beat …: Celery's command line on our application.

The `celery` command looks for modules in the current directory first: a folder there that is called "workers" would
be taken for ours.
"""

import sys
from importlib import import_module

from workers.app import app

import_module("workers.tasks")  # before Celery does it, again with the current directory first
app.start(sys.argv[1:])
