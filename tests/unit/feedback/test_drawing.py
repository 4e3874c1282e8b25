from pathlib import Path

from feedback.domain.drawing import drawing

PAGE = Path(__file__).parents[3] / "docs/feedback-states.md"


def test_the_page_of_states_is_what_the_table_says() -> None:
    assert PAGE.read_text() == drawing(), "run: make docs"
