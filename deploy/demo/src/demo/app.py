"""The demonstration put together: the year is played, the bureau is set up once, and time is driven."""

import asyncio

import httpx

from demo.acting import load_manners
from demo.bureau import load_bureau, load_kinds, load_sources, scheme_document
from demo.callers import Callers
from demo.doors import Doors, HttpDoor, KafkaDoor
from demo.driver import DAY, Demonstration, catch_up, live
from demo.office import load_offices
from demo.pace import Hands
from demo.progress import Progress
from demo.services import Addresses, HttpPlatform
from demo.setting_up import Registers
from demo.settings import DemoSettings
from demo.simulator.year import play, scenario_of
from kit.clock import SystemClock
from kit.kafka import producer
from kit.workdays import shipped


async def demonstrate(settings: DemoSettings) -> None:
    """Set up, catch up with the visit, go on live; then the clock stands still at the year's end."""
    progress = Progress.kept_in(settings.progress_file)
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client, producer(settings.kafka_bootstrap, client="demo") as sender:
        callers = Callers(client, settings.issuer_url, settings.issuer_secret.get_secret_value())
        if progress.reached.phase == "setting up":
            await _set_up(callers, settings)
        await _registers(callers, settings).appoint(load_bureau())  # a stack of an earlier day may have nobody appointed
        demo = await _put_together(callers, KafkaDoor(sender, settings.topic_prefix), settings, progress)
        progress.enter("catching up")
        await catch_up(demo, settings.first_day, settings.visit_on)
        progress.enter("live")
        await live(demo, max(settings.first_day, settings.visit_on + DAY), settings.last_day, settings.rate)
        progress.enter("year is over")
        demo.say(f"业务年度结束 the year is over ({settings.last_day}); make clean-stack begins anew")
        await asyncio.Event().wait()


def _registers(callers: Callers, settings: DemoSettings) -> Registers:
    return Registers(callers=callers, scoring=settings.scoring_url, notification=settings.notification_url)


async def _set_up(callers: Callers, settings: DemoSettings) -> None:
    await _registers(callers, settings).set_up(load_bureau(), kinds=load_kinds(), sources=load_sources(), scheme=scheme_document())


async def _put_together(callers: Callers, kafka: KafkaDoor, settings: DemoSettings, progress: Progress) -> Demonstration:
    calendar = shipped()
    scenario = scenario_of(settings.seed, settings.first_day, settings.last_day, calendar)
    addresses = Addresses(
        scoring=settings.scoring_url, evidence=settings.evidence_url, feedback=settings.feedback_url, notification=settings.notification_url
    )
    bureau = scenario.bureau
    platform = HttpPlatform(callers, addresses, cycle=bureau.cycle, departments=bureau.departments, calendar=calendar, say=print)
    return Demonstration(
        seed=settings.seed,
        bureau=bureau,
        calendar=calendar,
        year=await asyncio.to_thread(play, scenario),
        manners=load_manners(),
        offices=load_offices(),
        platform=platform,
        doors=Doors(kafka, HttpDoor(platform.post_events)),
        hands=Hands(settings.clock_file, SystemClock()),
        progress=progress,
        say=print,
    )
