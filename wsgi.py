"""The application that servers and commands load: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import os
import sys

from serving.asking import hand_over

is_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
is_worker = is_command and sys.argv[-1:] == ["worker"]
if is_worker:
    hand_over()  # does not come back where a server's memory will do

from clinic import create_app  # noqa: E402
from clinic.core.memory import settle_memory  # noqa: E402
from clinic.web.logs import write_logs  # noqa: E402
from config import Config, ConfigError  # noqa: E402

try:
    config = Config.from_env(os.environ)
except ConfigError as error:
    if not is_command:
        raise  # gunicorn would start again and again what only says goodbye
    sys.exit(str(error))
write_logs(config.log_level)
app = create_app(config, has_pages=not is_worker)
if "gunicorn" in sys.modules and not is_command:
    from clinic.doors import warm_up_doors

    warm_up_doors(app)
settle_memory()
