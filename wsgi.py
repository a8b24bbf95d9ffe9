"""The application that servers and commands load: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import os

from clinic import create_app
from config import Config

app = create_app(Config.from_env(os.environ))
