"""What the worker tells about itself."""

from typing import Final

from kit.metrics import Metric

METRICS: Final = (
    Metric("counter", "feed_messages_total", "Messages of the feed, by source and outcome.", ("source", "outcome")),
    Metric("histogram", "feed_batch_seconds", "Time of a batch from its fetch to its commit."),
    Metric("gauge", "feed_lag_messages", "Messages on the log that are not taken yet, by source.", ("source",)),
    Metric("gauge", "feed_source_paused", "1 while a source is paused because too much of it was unusable.", ("source",)),
    Metric("gauge", "feed_batches_different", "Closed batches whose count or digest differs from what is held."),
    Metric("counter", "backfilled_records_total", "Records that counts of new measures have passed beside the feed."),
    Metric("gauge", "backfill_records_left", "Records that counts of new measures have still to pass, as far as known."),
    Metric("counter", "feed_retries_total", "Batches that were taken again, by cause.", ("cause",)),
)
