"""Public reviews: Google Play, Google Business (Takeout) and Trustpilot. Five stars are a measure of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from luotain.listen.importers.jsonfile import flat
from luotain.listen.importers.sources.base import STARS, Draft, Source

_WORDS = {"ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5"}
_ORIGINAL = re.compile(r"\(Original\)\s*(.*)", re.DOTALL)
_TRANSLATED = re.compile(r"\s*\(Translated by Google\).*", re.DOTALL)


class GooglePlayImporter(Source):
    """Reads the monthly files of reviews of Google Play (UTF-16)."""

    name = "google-play"
    title = "Google Play"

    def knows_columns(self, columns: set[str]) -> bool:
        """The columns that Google documents for its monthly files."""
        return {"package name", "star rating", "review text"} <= columns

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean."""
        package = draft.find("Package Name")
        ids = [package, draft.find("Review Submit Millis Since Epoch"), draft.find("Review Link")]
        draft.begin(source="google-play", feedback="review", ids=ids, name="google-play")
        draft.raw["channel"] = {"value": "review", "create": True}
        draft.time(draft.find("Review Submit Date and Time"), "iso", time_zone="UTC")
        draft.text(draft.find("Review Title"))
        draft.text(draft.find("Review Text"))
        for text in draft.texts:
            text.pop("title")
        draft.cell("language", draft.find("Reviewer Language"))
        draft.rating(draft.find("Star Rating"), "overall", STARS, code="stars")
        draft.attribute("app", package)
        draft.attribute("app_version", draft.find("App Version Name"))
        draft.attribute("device", draft.find("Device"), breakdown=False)
        draft.drop(*draft.rest)


class GoogleBusinessImporter(Source):
    """Reads the reviews of a business in Google Takeout, and those of the Business Profile API (JSON)."""

    name = "google-business"
    title = "Google Business"

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """Stars in words, and who wrote it."""
        return "starRating" in record and "createTime" in record

    def cells(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Keep what the customer wrote, not what was translated of it."""
        cells = flat(record)
        comment = cells.get("comment", "")
        original = _ORIGINAL.search(comment)
        cells["comment"] = original.group(1) if original else _TRANSLATED.sub("", comment)
        cells["starRating"] = _WORDS.get(cells.get("starRating", ""), cells.get("starRating", ""))
        return cells

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean."""
        ids = [draft.find("name", "reviewId")] if draft.find("name", "reviewId") else []
        draft.begin(source="google-business", feedback="review", ids=ids, name="google-business")
        draft.raw["channel"] = {"value": "review", "create": True}
        draft.time(draft.find("createTime"), "iso", time_zone="UTC")
        draft.text(draft.find("comment"))
        more = {"missing": ["STAR_RATING_UNSPECIFIED"]}
        draft.rating(draft.find("starRating"), "overall", STARS, code="stars", **more)
        draft.drop(*draft.rest)


class TrustpilotImporter(Source):
    """Reads reviews of Trustpilot: the export of its business pages (CSV) and the records of its API (JSON)."""

    name = "trustpilot"
    title = "Trustpilot"

    def knows_columns(self, columns: set[str]) -> bool:
        """The columns of the export of reviews."""
        return {"review stars", "review content"} <= columns or {"stars", "review id", "review text"} <= columns

    def knows_record(self, record: Mapping[str, Any]) -> bool:
        """Stars, and a consumer who gave them."""
        return {"stars", "consumer", "createdAt"} <= record.keys()

    def draft(self, draft: Draft) -> None:
        """Write down what the columns mean."""
        ids = [draft.find("Review Id", "id")] if draft.find("Review Id", "id") else []
        draft.begin(source="trustpilot", feedback="review", ids=ids, name="trustpilot")
        draft.raw["channel"] = {"value": "review", "create": True}
        created = draft.find("Review Created (UTC)", "Review Created", "createdAt", "Created")
        draft.time(created, "iso", "%Y-%m-%d %H:%M:%S UTC", time_zone="UTC")
        draft.text(draft.find("Review Title", "title"))
        draft.text(draft.find("Review Content", "Review Text", "text"))
        for text in draft.texts:
            text.pop("title")
        draft.cell("language", draft.find("Review Language", "language"))
        draft.rating(draft.find("Review Stars", "stars"), "overall", STARS, code="stars")
        draft.attribute("place", draft.find("Domain", "Business Unit", "Location Name", "location.name"))
        draft.attribute("tags", draft.find("Tags", "tags"))
        draft.drop(*draft.rest)
