"""What this service is told by its environment (`COLLECTION_...`)."""

from pydantic_settings import SettingsConfigDict

from kit.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="COLLECTION_", frozen=True, extra="ignore")

    http_port: int = 8105
