import gc
import warnings

import pytest
from aiokafka.errors import KafkaConnectionError

from kit.kafka import producer


async def test_a_producer_that_finds_no_broker_leaves_nothing_open() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(KafkaConnectionError):
            async with producer("127.0.0.1:1", client="test"):
                pytest.fail("there is no broker")
        gc.collect()
    assert [str(one.message) for one in said if issubclass(one.category, ResourceWarning)] == []
