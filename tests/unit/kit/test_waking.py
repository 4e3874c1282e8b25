import asyncio
import time

from kit.waking import Bell, rest


async def woken_within(seconds: float, ring: asyncio.Event) -> bool:
    began = time.monotonic()
    await rest(ring, at_most=30)
    return time.monotonic() - began < seconds


async def test_a_ring_between_the_look_and_the_rest_is_not_missed() -> None:
    bell = Bell()
    ring = bell.next_ring()
    bell.ring()
    assert await woken_within(1, ring)


async def test_a_ring_wakes_everybody_who_rests() -> None:
    bell = Bell()
    resting = [asyncio.ensure_future(woken_within(5, bell.next_ring())) for _ in range(3)]
    await asyncio.sleep(0)
    bell.ring()
    assert await asyncio.gather(*resting) == [True, True, True]


async def test_a_ring_that_was_heard_does_not_wake_again() -> None:
    bell = Bell()
    bell.ring()
    began = time.monotonic()
    await rest(bell.next_ring(), at_most=0.05)
    assert time.monotonic() - began >= 0.05


async def test_what_no_bell_tells_of_ends_the_rest_too() -> None:
    moved: list[int] = []
    resting = asyncio.ensure_future(rest(Bell().next_ring(), at_most=30, unless=lambda: bool(moved)))
    await asyncio.sleep(0)
    assert not resting.done()
    moved.append(1)
    await asyncio.wait_for(resting, 5)
