"""What this service is told by its environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from feedback.domain.deadlines import Policy
from feedback.domain.ladder import Ladder
from feedback.domain.words import Severity
from kit.settings import ServiceSettings


class FeedbackSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="FEEDBACK_", frozen=True, extra="ignore")

    http_port: int = 8103
    days_minor: int = Field(default=30, ge=1)
    days_major: int = Field(default=15, ge=1)
    days_severe: int = Field(default=5, ge=1)
    deemed_after_days: int = Field(default=3, ge=0)
    days_after_return: int = Field(default=5, ge=1)
    extensions: int = Field(default=1, ge=0)
    ladder_days_before: int = Field(default=3, ge=1)
    ladder_criticism_over: int = Field(default=5, ge=1)
    ladder_interview_over: int = Field(default=10, ge=1)

    @property
    def policy(self) -> Policy:
        return Policy(
            working_days={Severity.MINOR: self.days_minor, Severity.MAJOR: self.days_major, Severity.SEVERE: self.days_severe},
            deemed_after=self.deemed_after_days,
            days_after_return=self.days_after_return,
            extensions=self.extensions,
            ladder=Ladder(
                before=self.ladder_days_before,
                criticism_over=self.ladder_criticism_over,
                interview_over=self.ladder_interview_over,
            ),
        )
