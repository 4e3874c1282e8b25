import asyncio

from contracts import scoring
from contracts.envelope import Envelope
from tests.integration.feedback.rooms import Room, topics_of


def crossed(line: str, direction: str = "fell") -> scoring.LineCrossedV1:
    return scoring.LineCrossedV1.model_validate(
        {
            "cycle": "2026",
            "unit": "wanglan",
            "indicator": "hotline_in_time",
            "indicator_name": "12345按期办结率",
            "department": "hotline_office",
            "line": line,
            "direction": direction,
            "cause": "line",
            "value": "0.90",
            "n": "40",
            "threshold": "0.92",
            "finding": "按期办结率0.90，低于红线0.92",
        }
    )


async def test_a_line_that_is_crossed_on_kafka_becomes_a_numbered_notice_on_kafka(room: Room) -> None:
    await topics_of(room)
    async with room.running(), room.speaking() as kafka, room.listening() as heard:
        for event in (crossed("yellow"), crossed("yellow", "recovered"), crossed("red")):
            await room.speak(event, kafka)
        said: list[Envelope] = []
        async with asyncio.timeout(20):
            while len(said) < 3:
                said.append(Envelope.model_validate_json((await heard.getone()).value))
    assert [each.type for each in said] == ["feedback.problem_raised.v1", "feedback.notice_issued.v1", "feedback.finding_added.v1"]
    notice = said[1].data
    assert (notice["number"], notice["label"], notice["department"], notice["working_days"]) == (1, "考整〔2026〕1号", "hotline_office", 30)
    assert said[2].data["severity"] == "major"
    assert {each.correlationid for each in said} == {"c-1"}
