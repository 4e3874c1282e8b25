from fractions import Fraction

from scoring.ledger.domain.alarms import WINDOW, Window


def test_a_share_at_the_limit_is_borne_and_one_beyond_it_is_not() -> None:
    window = Window(Fraction(1, 5))
    assert window.add(received=500, unusable=100) is None
    alarm = window.add(received=1, unusable=1)
    assert alarm is not None
    assert alarm.startswith("101 of the last 501 messages")


def test_few_messages_prove_nothing() -> None:
    assert Window().add(received=99, unusable=99) is None


def test_what_lies_beyond_the_window_is_forgotten() -> None:
    window = Window()
    assert window.add(received=WINDOW, unusable=200) is None
    for _ in range(10):
        assert window.add(received=WINDOW // 10, unusable=15) is None


def test_after_an_alarm_the_window_starts_anew() -> None:
    window = Window()
    assert window.add(received=200, unusable=200) is not None
    assert window.add(received=50, unusable=50) is None
