"""What every service is told by its environment; read once, in `__main__`."""

from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kit.auth import Algorithm, Verifier, keys_at


class ServiceSettings(BaseSettings):
    """The part that all services share; each adds its prefix (`FEEDBACK_`) and its own fields."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    environment: Literal["local", "production"] = "production"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    http_host: str = "127.0.0.1"
    http_port: int
    database_url: SecretStr
    kafka_bootstrap: str
    topic_prefix: str = ""
    instance: str | None = Field(
        None, description="this process's own, lasting name in its Kafka group: after a restart it is back at once, without a rebalance"
    )
    kafka_replicas: int = Field(1, ge=1, description="copies of each topic that this service makes: 3 where there are three brokers")
    auth_issuer: str
    auth_audience: str = "kaohe"
    auth_jwks_url: str
    auth_algorithm: Algorithm = "ES256"
    auth_roles_claim: str = "roles"
    auth_units_claim: str = "units"
    clock_file: Path | None = None
    zone_name: str = "Asia/Shanghai"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    def verifier(self) -> Verifier:
        """The check of the tokens that this deployment admits."""
        return Verifier(
            issuer=self.auth_issuer,
            audience=self.auth_audience,
            keys=keys_at(self.auth_jwks_url),
            algorithm=self.auth_algorithm,
            roles_claim=self.auth_roles_claim,
            units_claim=self.auth_units_claim,
        )

    @model_validator(mode="after")
    def production_keeps_real_time(self) -> Self:
        """Production refuses the business clock of the local stack, and its issuer."""
        if self.environment == "production" and self.clock_file is not None:
            raise ValueError("clock_file is for the local stack only; unset it in production (生产环境不得使用业务时钟文件)")
        if self.environment == "production" and self.auth_issuer.startswith("http://127.0.0.1"):
            raise ValueError(
                "the development issuer is refused in production; set auth_issuer to the bureau's provider (生产环境须使用统一身份认证)"
            )
        return self
