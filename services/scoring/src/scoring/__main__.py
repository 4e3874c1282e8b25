"""`python -m scoring [serve | worker | migrate | recount | retrace [CYCLE] | adopt TOPIC | refill | try-rules FILE]`."""

import sys

from scoring.appraisal.trying import COMMAND, try_rules


def main(arguments: list[str]) -> int:
    """Rules are tried out without settings and servers, and without waiting for the service to load."""
    if arguments[:1] == [COMMAND]:
        return try_rules(arguments[1:])
    from scoring.commands import carry_out  # noqa: PLC0415 - loads the whole service, which takes seconds

    return carry_out(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
