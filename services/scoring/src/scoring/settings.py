"""What scoring is told by its environment: the API's process and the feed worker's alike."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class ScoringSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SCORING_", frozen=True, extra="ignore")

    http_port: int = 8101
