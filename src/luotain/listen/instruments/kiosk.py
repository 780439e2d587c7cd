"""Four faces at a kiosk: one tap, and a few words for who wants to."""

from __future__ import annotations

from dataclasses import replace

from luotain.listen.branching import Clause, Condition, Op
from luotain.listen.instruments.parts import FACES, STORY, texts
from luotain.listen.instruments.ready import ReadyInstrument, ReadyQuestion
from luotain.terms import QuestionKind

_WORDS = [words for point, words in FACES if point != "3"]

FOUR_FACES = ReadyInstrument(
    "four_faces",
    texts("Miten meillä meni?", "Hur lyckades vi?", "How did we do?"),
    texts("Kiitos!", "Tack!", "Thank you!"),
    (
        ReadyQuestion(
            "faces",
            QuestionKind.SCORE,
            texts("{Valitse|Valitkaa} naama", "Välj ett ansikte", "Choose a face"),
            "faces",
            "faces_1_4",
            options=tuple((str(point), words) for point, words in enumerate(_WORDS, 1)),
            required=True,
        ),
        # on a page of its own, behind the tap
        replace(
            STORY,
            text=texts("Mitä tapahtui?", "Vad hände?", "What happened?"),
            help=texts(
                "Vain jos {haluat|haluatte}. Ei nimiä, kiitos.",
                "Bara om {du|Ni} vill. Inga namn, tack.",
                "Only if you want. No names, please.",
            ),
            condition=Condition((Clause("faces", Op.ANSWERED),)),
        ),
    ),
)
