"""Which tool a questionnaire file comes from: by what stands in it, never by its name."""

from __future__ import annotations

from collections.abc import Mapping

from luotain.language.said import Said
from luotain.listen.exchange.carried import LARGEST, CannotExchange, Carried, Decided, read_json
from luotain.listen.exchange.limesurvey import read_limesurvey
from luotain.listen.exchange.qsf import read_qsf
from luotain.listen.exchange.surveyjs import read_surveyjs


def read_questionnaire(data: bytes, decided: Mapping[str, Decided] | None = None) -> Carried:
    """Read a questionnaire of SurveyJS, Qualtrics or LimeSurvey.

    Parameters
    ----------
    data
        The file's bytes.
    decided
        What somebody has said that ratings of the file measure, by the code of the question there.

    Raises
    ------
    CannotExchange
        For any other file, telling what to do.
    """
    if len(data) > LARGEST:
        raise CannotExchange(Said("the file is larger than any questionnaire: export the survey itself"))
    start = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if start == b"<":
        return read_limesurvey(data, decided or {})
    if start != b"{":
        raise CannotExchange(
            Said("no questionnaire: bring a SurveyJS file (JSON), a Qualtrics file (QSF) or a LimeSurvey file (LSS)")
        )
    found = read_json(data)
    if "SurveyElements" in found:
        return read_qsf(found, decided or {})
    return read_surveyjs(found, decided or {})
