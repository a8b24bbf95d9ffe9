"""The application that servers and commands load: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import gc
import os
import sys

from clinic import create_app
from config import Config

PAGES = ("/", "/book", "/book/evaluation", "/sign-in")
"""What is asked before the processes are parted; a page that is not there does no harm."""

is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
is_worker = is_command and sys.argv[-1:] == ["worker"]

app = create_app(Config.from_env(os.environ), has_pages=not is_worker)
if "gunicorn" in sys.modules and not is_command:
    from clinic.web.warming import warm_up

    warm_up(app, pages=PAGES)

# A month of slots is thousands of small objects: collecting after every 700 would find nothing.
# What was loaded so far lives as long as the process: no collection looks at it again, and
# workers that were forked after this line share it (`gunicorn --preload`).
gc.set_threshold(10_000)
gc.collect()
gc.freeze()
