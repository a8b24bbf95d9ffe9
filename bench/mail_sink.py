"""A mail server in a process of its own that keeps what it takes (``python -m bench.mail_sink``).

It prints its port, and at each line on stdin how many mails came and the seconds between the first
and the last; at the end of stdin it writes them to the file it was named, pickled.
"""

import pickle
import sys
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port


class Keeping:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.first = self.last = 0.0

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep it."""
        self.last = time.monotonic()
        self.first = self.first or self.last
        content = envelope.content
        self.mails.append((envelope.rcpt_tos[0], content if isinstance(content, bytes) else b""))
        return "250 OK"


def main() -> None:
    """Serve until stdin ends."""
    keeping, port = Keeping(), free_port()
    controller = Controller(keeping, hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    for _line in sys.stdin:
        print(len(keeping.mails), keeping.last - keeping.first, flush=True)
    controller.stop()
    Path(sys.argv[1]).write_bytes(pickle.dumps(keeping.mails))


if __name__ == "__main__":
    main()
