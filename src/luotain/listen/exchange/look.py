"""Which tool a questionnaire file comes from: by what stands in it, never by its name."""

from __future__ import annotations

from collections.abc import Mapping

from luotain.language.said import Said
from luotain.listen.exchange.carried import LARGEST, CannotExchange, Carried, Decided, read_json
from luotain.listen.exchange.limesurvey import read_limesurvey
from luotain.listen.exchange.qsf import read_qsf
from luotain.listen.exchange.surveyjs import read_surveyjs
from luotain.listen.exchange.xlsform import read_xlsform

#: how workbooks begin: XLSX and ODS, and XLS
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_questionnaire(data: bytes, decided: Mapping[str, Decided] | None = None) -> Carried:
    """Read a questionnaire of SurveyJS, Qualtrics or LimeSurvey, or an XLSForm.

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
    if data.startswith(_WORKBOOKS):
        return read_xlsform(data, decided or {})
    start = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    if start == b"<":
        return read_limesurvey(data, decided or {})
    if start != b"{":
        raise CannotExchange(
            Said(
                "no questionnaire: bring a SurveyJS file (JSON), a Qualtrics file (QSF), a LimeSurvey file (LSS) or an "
                "XLSForm (XLSX)"
            )
        )
    found = read_json(data)
    if "SurveyElements" in found:
        return read_qsf(found, decided or {})
    return read_surveyjs(found, decided or {})
