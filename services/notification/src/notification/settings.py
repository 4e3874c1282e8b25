"""What this service is told by its environment."""

from datetime import time, timedelta
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings
from notification.domain.deliveries import Backoff
from notification.domain.people import Email, address
from notification.domain.quiet import Quiet


class NotificationSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="NOTIFICATION_", frozen=True, extra="ignore")

    http_port: int = 8104
    smtp_url: SecretStr
    mail_from: str
    mail_from_name: str = "考核办公室"
    bureau_name: str = ""
    quiet_from: time = time(20)
    quiet_until: time = time(8)
    receipt_working_days: int = Field(default=3, ge=1)
    retry_first_seconds: int = Field(default=5, ge=1)
    retry_longest_seconds: int = Field(default=900, ge=1)
    retry_refusals: int = Field(default=40, ge=1)  # with pauses of a quarter of an hour: most of a working day
    smtp_patience_seconds: int = Field(default=20, ge=1, le=60)
    senders: int = Field(default=2, ge=1, le=16)

    @field_validator("mail_from")
    @classmethod
    def mail_from_is_an_address(cls, value: str) -> Email:
        return address(value)

    @model_validator(mode="after")
    def some_hours_are_not_quiet(self) -> Self:
        if self.quiet_until >= self.quiet_from:
            raise ValueError(
                "quiet hours begin in the evening and end in the morning: quiet_until < quiet_from (免打扰时段须为晚间至次日早晨)"
            )
        return self

    @property
    def quiet(self) -> Quiet:
        return Quiet(begin=self.quiet_from, end=self.quiet_until, zone=self.zone)

    @property
    def backoff(self) -> Backoff:
        return Backoff(
            first=timedelta(seconds=self.retry_first_seconds),
            longest=timedelta(seconds=self.retry_longest_seconds),
            refusals=self.retry_refusals,
        )

    @property
    def lease(self) -> timedelta:
        """Three times as long as an attempt may take: only a worker that died or sleeps loses its letter."""
        return timedelta(seconds=3 * self.smtp_patience_seconds)
