from tests.integration.scoring.appraisal.rooms import Room


async def test_groups_are_listed_as_they_were_registered_whatever_their_keys(room: Room) -> None:
    await room.put("/v1/groups/agency", {"name": "丙组 科室"})
    await room.put("/v1/groups/branch", {"name": "甲组 各分局"})
    listed = await room.get("/v1/groups")
    assert [(group["key"], group["name"]) for group in listed] == [
        ("branch", "甲组 各分局"),
        ("brigade", "乙组 大队"),
        ("agency", "丙组 科室"),
    ]
