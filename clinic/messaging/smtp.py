"""The line to the mail server: the only file that speaks SMTP."""

import re
import smtplib
import ssl
from types import TracebackType
from typing import NoReturn, Self

from config_mail import MailServer

ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
TAKEN = 250
KNOWN = frozenset({250, 251})
GO_ON = 354
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

    def announce(self, *, sender: str, to: str) -> None:
        """Say from whom and to whom a message goes; both addresses are bare.

        Raises NotTaken, here and below, and then ``is_broken`` says if more can follow.
        """
        smtp = self._smtp
        try:
            smtp.ehlo_or_helo_if_needed()
            if to.isascii():
                code, words = smtp.docmd("MAIL", f"FROM:<{sender}>")
            else:
                code, words = smtp.mail(sender, ["SMTPUTF8"])
            if code != TAKEN:
                # Who we are is not the message's fault: the operator can mend it while it waits.
                self._refuse(code, words, may_be_final=False)
            code, words = smtp.docmd("RCPT", f"TO:<{to}>")
            if code not in KNOWN:
                self._refuse(code, words)
        except smtplib.SMTPNotSupportedError:
            raise NotTaken("the server does not know such addresses", is_final=True) from None
        except OSError as error:
            raise self._broken(error) from None

    def give(self, content: bytes) -> None:
        """Hand over what was announced, up to the server's last word, for which ``end`` waits."""
        try:
            code, words = self._smtp.docmd("DATA")
            if code != GO_ON:
                self._refuse(code, words)
            self._smtp.send(_dotted(content))
        except OSError as error:
            raise self._broken(error) from None

    def end(self) -> None:
        """Wait until the server has taken what was handed over last.

        A line that breaks after the content leaves open whether the message was taken: it counts
        as not taken, so that the message is at worst there twice, with one Message-ID.
        """
        try:
            code, words = self._smtp.getreply()
            if code != TAKEN:
                self._refuse(code, words)
        except OSError as error:
            raise self._broken(error) from None

    def _refuse(self, code: int, words: bytes, *, may_be_final: bool = True) -> NoReturn:
        self.is_broken = code == SERVICE_CLOSES or code < 0
        if not self.is_broken:
            self._forget()
        enhanced = ENHANCED.match(words)
        reason = f"{code} {enhanced.group().decode()}" if enhanced else str(code)
        raise NotTaken(reason, is_final=may_be_final and code in FINAL) from None

    def _forget(self) -> None:
        """Let the server forget what was begun."""
        try:
            self._smtp.rset()
        except OSError:
            self.is_broken = True

    def _broken(self, error: OSError) -> NotTaken:
        self.is_broken = True
        return NotTaken(f"the line broke ({type(error).__name__})", is_final=False)


def _dotted(content: bytes) -> bytes:
    """The content as it is sent: its first dots of lines doubled, and the line that ends it."""
    return content.replace(b"\n.", b"\n..") + b".\r\n"
