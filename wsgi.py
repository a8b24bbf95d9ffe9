"""The application that servers and commands load: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import os
import sys

from clinic import create_app
from clinic.core.memory import settle_memory
from config import Config

is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
is_worker = is_command and sys.argv[-1:] == ["worker"]

app = create_app(Config.from_env(os.environ), has_pages=not is_worker)
if "gunicorn" in sys.modules and not is_command:
    from clinic.doors import warm_up_doors

    warm_up_doors(app)
settle_memory()
