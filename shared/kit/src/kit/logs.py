"""Structured logs: one JSON object a line, each with the correlation id of the request or event it belongs to."""

import logging
import sys
from contextvars import ContextVar
from typing import TextIO

import structlog

correlation: ContextVar[str] = ContextVar("correlation", default="-")


def _with_correlation(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.setdefault("correlation", correlation.get())
    return event


def configure(service: str, level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers to a stream (standard error) as JSON lines; called once, in `__main__`."""
    shared: list[structlog.typing.Processor] = [
        _with_correlation,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(ensure_ascii=False)],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("aiokafka").setLevel("WARNING")
    logging.getLogger("uvicorn.access").disabled = True  # the middleware of kit.http says it with the correlation id
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    bound: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return bound
