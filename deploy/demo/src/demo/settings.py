"""What the demonstration is told by the stack that starts it; read once, in `__main__`."""

from datetime import date
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DemoSettings(BaseSettings):
    """`first_day` and `rate` are `KAOHE_CLOCK_START` and `KAOHE_CLOCK_RATE` of whoever starts the stack."""

    model_config = SettingsConfigDict(env_prefix="DEMO_", frozen=True, extra="ignore")

    kafka_bootstrap: str
    topic_prefix: str = ""
    issuer_url: str = "http://127.0.0.1:8100"
    issuer_secret: SecretStr
    scoring_url: str = "http://127.0.0.1:8101"
    evidence_url: str = "http://127.0.0.1:8102"
    feedback_url: str = "http://127.0.0.1:8103"
    notification_url: str = "http://127.0.0.1:8104"
    clock_file: Path
    progress_file: Path
    seed: int = 7
    first_day: date = date(2026, 1, 5)
    visit_on: date = Field(default=date(2026, 9, 14), description="the day up to which time passes quickly")
    last_day: date = date(2026, 12, 31)
    rate: float = Field(default=1200.0, gt=0, description="business seconds a second after that: 1200 shows a working day in 30 s")
