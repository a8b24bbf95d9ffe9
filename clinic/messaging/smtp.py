"""The line to the mail server: the only file that speaks SMTP."""

import re
import smtplib
import ssl
from types import TracebackType
from typing import Self

from config_mail import MailServer

ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
SERVICE_CLOSES = 421
FINAL = range(500, 600)


class Unreachable(Exception):
    """The mail server does not answer, or does not let us in; no message is to blame."""


class NotTaken(Exception):
    """The server did not take a message. Its own words are left out: they may quote an address.

    ``is_final`` when trying again would change nothing; ``is_barred`` when the person wants nothing
    more this way.
    """

    def __init__(self, reason: str, *, is_final: bool, is_barred: bool = False) -> None:
        self.reason = reason
        self.is_final = is_final
        self.is_barred = is_barred
        super().__init__(reason)


class Line:
    """One connection for several messages; ``is_broken`` once nothing more can be sent on it.

    Entering connects and raises Unreachable. A line that is to be closed by STARTTLS is never used
    open, and certificates are checked.
    """

    def __init__(self, server: MailServer, *, our_name: str) -> None:
        self._server = server
        self._our_name = our_name
        self._smtp: smtplib.SMTP
        self.is_broken = False

    def __enter__(self) -> Self:
        """Connect, close the line to others, sign in."""
        try:
            self._smtp = self._connect()
        except OSError as error:  # every error of smtplib and of TLS is one
            raise Unreachable(type(error).__name__) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say goodbye, where there is anybody to say it to."""
        try:
            if not self.is_broken:
                self._smtp.quit()
        except OSError:
            self.is_broken = True
        finally:
            self._smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server, safe = self._server, ssl.create_default_context()
        place = (server.host, server.port, self._our_name)
        smtp: smtplib.SMTP
        if server.tls == "implicit":
            smtp = smtplib.SMTP_SSL(*place, timeout=server.timeout_seconds, context=safe)
        else:
            smtp = smtplib.SMTP(*place, timeout=server.timeout_seconds)
        try:
            if server.tls == "starttls":
                smtp.starttls(context=safe)
            if server.user is not None:
                smtp.login(server.user, server.password or "")
        except OSError:
            smtp.close()
            raise
        return smtp

    def send(self, *, sender: str, to: str, content: bytes) -> None:
        """Hand one message over; raises NotTaken, and then ``is_broken`` says if more can follow.

        A line that breaks after the content leaves open whether the message was taken: it counts
        as not taken, so that the message is at worst there twice, with one Message-ID.
        """
        options = () if to.isascii() else ("SMTPUTF8",)
        try:
            self._smtp.sendmail(sender, [to], content, options)
        except smtplib.SMTPRecipientsRefused as error:
            self._refuse(*next(iter(error.recipients.values())))
        except smtplib.SMTPSenderRefused as error:
            # Who we are is not the message's fault: the operator can mend it while it waits.
            self._refuse(error.smtp_code, error.smtp_error, may_be_final=False)
        except smtplib.SMTPResponseException as error:
            self._refuse(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError:
            raise NotTaken("the server does not know such addresses", is_final=True) from None
        except OSError as error:
            self.is_broken = True
            raise NotTaken(f"the line broke ({type(error).__name__})", is_final=False) from None

    def _refuse(self, code: int, words: bytes | str, *, may_be_final: bool = True) -> None:
        self.is_broken = code == SERVICE_CLOSES or code < 0
        said = words if isinstance(words, bytes) else words.encode()
        enhanced = ENHANCED.match(said)
        reason = f"{code} {enhanced.group().decode()}" if enhanced else str(code)
        raise NotTaken(reason, is_final=may_be_final and code in FINAL) from None
