"""The kinds of histories, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from tests.faults.simulation.histories.feed import FeedHistory
from tests.faults.simulation.histories.inbox import InboxHistory
from tests.faults.simulation.histories.ladder import LadderHistory
from tests.faults.simulation.histories.relay import RelayHistory
from tests.faults.simulation.stage import History

HISTORIES: Final[Mapping[str, Callable[[], History]]] = {
    "relay": RelayHistory,
    "inbox": InboxHistory,
    "feed": FeedHistory,
    "ladder": LadderHistory,
}
