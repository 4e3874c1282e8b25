"""How busy the machine is: seconds on an overloaded one say nothing about the platform, so they are printed there and not judged."""

import os
from typing import Final

MOST: Final = 4.0  # processes that want a core, by the load average of a minute; the bureau with its load makes about two


def is_overloaded() -> bool:
    return os.getloadavg()[0] / (os.cpu_count() or 1) > MOST
