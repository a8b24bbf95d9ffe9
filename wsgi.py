"""The application that servers and commands load: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import gc
import os

from clinic import create_app
from config import Config

app = create_app(Config.from_env(os.environ))

# A month of slots is thousands of small objects: collecting after every 700 would find nothing.
# What was loaded so far lives as long as the process: no collection looks at it again, and
# workers that were forked after this line share it (`gunicorn --preload`).
gc.set_threshold(10_000)
gc.collect()
gc.freeze()
