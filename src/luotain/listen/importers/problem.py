"""What can be wrong with a file or its mapping as a whole; each message names the remedy."""

from __future__ import annotations

from luotain.language.said import Said


class CannotImport(ValueError):
    """The file or the mapping cannot be used: nothing has been written."""

    def __init__(self, said: Said) -> None:
        super().__init__(said)
        self.said = said


class NotReadable(CannotImport):
    """The file is not a table that can be read."""


class WrongMapping(CannotImport):
    """The mapping has a mistake; the message names the key."""


class Undecided(CannotImport):
    """Something must be decided by a person before the file can come in: a measure, or what an unknown code means."""

    def __init__(self, questions: tuple[Said, ...]) -> None:
        super().__init__(Said.lines(questions))
        self.questions = questions
