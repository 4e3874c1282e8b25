"""A report is a PDF that readers open, not a text that calls itself one."""

import re

from demo.papers import report


def test_every_object_lies_where_the_files_table_says() -> None:
    paper = report(("整改报告 (一)", "望澜分局"))
    assert paper.startswith(b"%PDF-")
    table = int(re.findall(rb"startxref\n(\d+)", paper)[0])
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", paper[table:])]
    assert [paper[place : place + 7] for place in places] == [b"%d 0 obj" % number for number in range(1, 8)]


def test_the_stated_length_of_the_page_is_its_length() -> None:
    paper = report(("a", "b"))
    length = int(re.findall(rb"/Length (\d+)", paper)[0])
    content = paper.partition(b"stream\n")[2].partition(b"\nendstream")[0]
    assert len(content) == length


def test_another_text_is_another_file() -> None:
    assert report(("a",)) != report(("b",))
