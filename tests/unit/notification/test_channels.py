import pytest
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from notification.channels import BadServer, MailServer, answer_of
from notification.domain.deliveries import Verdict


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (SMTPRecipientsRefused([SMTPRecipientRefused(550, "no such user", "a@example.org")]), Verdict.NEVER),
        (SMTPRecipientsRefused([SMTPRecipientRefused(450, "mailbox busy", "a@example.org")]), Verdict.LATER),
        (SMTPRecipientsRefused([SMTPRecipientRefused(421, "closing", "a@example.org")]), Verdict.DOWN),
        (SMTPDataError(554, "rejected"), Verdict.NEVER),
        (SMTPDataError(451, "try again"), Verdict.LATER),
        (SMTPSenderRefused(550, "who are you", "kaohe@example.org"), Verdict.DOWN),
        (SMTPAuthenticationError(535, "bad password"), Verdict.DOWN),
        (SMTPServerDisconnected("gone"), Verdict.DOWN),
        (SMTPConnectError("refused"), Verdict.DOWN),
        (TimeoutError(), Verdict.DOWN),
        (ConnectionResetError(), Verdict.DOWN),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_only_what_is_said_about_the_receiver_or_the_letter_is_final(error: SMTPException | OSError, verdict: Verdict) -> None:
    assert answer_of(error).verdict is verdict


def test_a_mail_server_is_read_from_its_address() -> None:
    assert MailServer.at("smtps://kao%40he:p%2Fw@mail.example.org") == MailServer(
        scheme="smtps", host="mail.example.org", port=465, username="kao@he", password="p/w"
    )
    assert MailServer.at("smtp+starttls://mail.example.org").port == 587
    assert MailServer.at("smtp://127.0.0.1:2525").port == 2525


def test_a_password_never_shows_in_a_representation() -> None:
    assert "secret" not in repr(MailServer.at("smtp://user:secret@mail.example.org"))


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://mail.example.org", "smtp://"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(BadServer):
        MailServer.at(url)
