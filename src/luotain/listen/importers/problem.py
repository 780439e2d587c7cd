"""What can be wrong with a file or its mapping as a whole; each message names the remedy."""

from __future__ import annotations


class CannotImport(ValueError):
    """The file or the mapping cannot be used: nothing has been written."""


class NotReadable(CannotImport):
    """The file is not a table that can be read."""


class WrongMapping(CannotImport):
    """The mapping has a mistake; the message names the key."""


class Undecided(CannotImport):
    """Something must be decided by a person before the file can come in: a measure, or what an unknown code means."""

    def __init__(self, questions: tuple[str, ...], proposal: str = "") -> None:
        super().__init__("\n".join(questions))
        self.questions, self.proposal = questions, proposal
