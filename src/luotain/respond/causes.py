"""The causes a new installation starts with: neutral of industry, each within our control or not (S70)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefaultCause:
    """A cause with its name in three languages."""

    code: str
    within_control: bool
    name: Mapping[str, str]


def _cause(code: str, within_control: bool, en: str, fi: str, sv: str) -> DefaultCause:
    return DefaultCause(code, within_control, {"en": en, "fi": fi, "sv": sv})


DEFAULT_CAUSES: tuple[DefaultCause, ...] = (
    _cause("waiting", True, "Waiting or delay", "Odotus tai viivästys", "Väntan eller försening"),
    _cause("service", True, "How the customer was met", "Miten asiakas kohdattiin", "Hur kunden bemöttes"),
    _cause("information", True, "Missing or unclear information", "Puuttuva tai epäselvä tieto",
           "Saknad eller oklar information"),
    _cause("quality", True, "Quality of the product or service", "Tuotteen tai palvelun laatu",
           "Produktens eller tjänstens kvalitet"),
    _cause("price", True, "Price or invoice", "Hinta tai lasku", "Pris eller faktura"),
    _cause("digital", True, "Website or app", "Verkkopalvelu tai sovellus", "Webbplats eller app"),
    _cause("process", True, "Complicated process", "Hankala asiointi", "Krånglig hantering"),
    _cause("promise", True, "A promise not kept", "Lupaus jäi pitämättä", "Ett löfte som inte hölls"),
    _cause("partner", True, "A partner's part", "Kumppanin osuus", "En partners del"),
    _cause("weather", False, "Weather or nature", "Sää tai luonto", "Väder eller natur"),
    _cause("authority", False, "Decision of an authority", "Viranomaisen päätös", "Myndighetsbeslut"),
    _cause("other_people", False, "Other customers or people", "Toiset asiakkaat tai ihmiset",
           "Andra kunder eller människor"),
    _cause("other", False, "Something else", "Jokin muu", "Något annat"),
)  # fmt: skip
