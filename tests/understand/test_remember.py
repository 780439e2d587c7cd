"""What took long to find is found once for each thing that it was made of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from luotain.understand.remember import Remembered


def test_the_same_question_is_answered_once() -> None:
    asked: list[str] = []
    known = Remembered[int](4)

    def make(word: str) -> int:
        asked.append(word)
        return len(word)

    assert [known.get(word, lambda word=word: make(word)) for word in ("a", "bb", "a", "bb")] == [1, 2, 1, 2]  # type: ignore[misc]
    assert asked == ["a", "bb"]


def test_what_nobody_can_tell_the_age_of_is_made_each_time() -> None:
    known, answers = Remembered[int](4), iter(range(9))
    assert [known.get(None, lambda: next(answers)) for _ in range(3)] == [0, 1, 2]


def test_the_oldest_go_when_there_are_too_many() -> None:
    known, answers = Remembered[int](2), iter(range(9))
    for key in ("a", "b", "c"):
        known.get(key, lambda: next(answers))
    assert known.get("c", lambda: -1) == 2
    assert known.get("a", lambda: -1) == -1


def test_nothing_is_known_after_forgetting() -> None:
    known = Remembered[str](2)
    known.get("a", lambda: "old")
    known.clear()
    assert known.get("a", lambda: "new") == "new"


def test_an_answer_of_nothing_is_an_answer() -> None:
    known, asked = Remembered[None](2), list[int]()
    for _ in range(2):
        known.get("a", lambda: asked.append(1))
    assert len(asked) == 1


def test_many_threads_get_one_answer() -> None:
    known = Remembered[object](8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: known.get("a", object), range(50)))
    assert known.get("a", object) is known.get("a", object)
