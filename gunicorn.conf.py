"""What every server of the product is started with; gunicorn reads it where it is started."""

from serving.hooks import when_ready  # noqa: F401 - a setting by its name

control_socket_disable = True
"""Nobody talks to it. It would stand in the home folder, one for all servers of the machine, and
start a thread with an event loop of its own in the master after its processes have parted."""
