"""The instruments that ship with the product, as data, in Finnish, Swedish and English.

Where Finnish must choose between *sinä* and *te*, and Swedish between *du* and *Ni*, the text holds both as
``{sinä-form|te-form}``, and the organization's choice picks one: they are never mixed in one text.

Sources: recommendation 0–10, Reichheld (2003), *The One Number You Need to Grow*; ease 1–7 as agreement with "made it
easy for me", Dixon, Toman & DeLisi (2013), *The Effortless Experience*. The items on relevance, values, appreciation
and substitutes, the pair of views, and the questions on leaving and on channels are our own.
"""

from luotain.listen.instruments.customers import (
    AFTER_CASE,
    CHANNEL_WISHES,
    CUSTOMER_VIEW,
    EXPECTATION,
    LOST_CUSTOMER,
    LOST_INTERVIEW,
    NON_CUSTOMER,
    RELATIONSHIP,
    SHORT_FEEDBACK,
    TOUCHPOINT_CARD,
)
from luotain.listen.instruments.insiders import EMPLOYEE_PULSE, SELF_VIEW, VISIT_NOTE
from luotain.listen.instruments.kiosk import FOUR_FACES
from luotain.listen.instruments.ready import ReadyInstrument, ReadyQuestion, Texts, address_as

READY_MADE = (
    TOUCHPOINT_CARD,
    SHORT_FEEDBACK,
    FOUR_FACES,
    RELATIONSHIP,
    AFTER_CASE,
    EMPLOYEE_PULSE,
    CUSTOMER_VIEW,
    SELF_VIEW,
    LOST_CUSTOMER,
    LOST_INTERVIEW,
    NON_CUSTOMER,
    CHANNEL_WISHES,
    EXPECTATION,
    VISIT_NOTE,
)

__all__ = [
    "AFTER_CASE",
    "CHANNEL_WISHES",
    "CUSTOMER_VIEW",
    "EMPLOYEE_PULSE",
    "EXPECTATION",
    "FOUR_FACES",
    "LOST_CUSTOMER",
    "LOST_INTERVIEW",
    "NON_CUSTOMER",
    "READY_MADE",
    "RELATIONSHIP",
    "SELF_VIEW",
    "SHORT_FEEDBACK",
    "TOUCHPOINT_CARD",
    "VISIT_NOTE",
    "ReadyInstrument",
    "ReadyQuestion",
    "Texts",
    "address_as",
]
