"""How busy the machine is: seconds on an overloaded one say nothing about the platform, so they are printed there and not judged."""

import os
from typing import Final

MOST: Final = 2.0  # processes that want a core, by the load average of a minute


def is_overloaded() -> bool:
    return os.getloadavg()[0] / (os.cpu_count() or 1) > MOST
