"""Text that leaves the house in a sheet: never something that a spreadsheet would run."""

from __future__ import annotations

from luotain.listen.answering import number


def harmless(cell: str) -> str:
    """Return the cell as a spreadsheet may show it: never as a formula."""
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    try:
        number(cell)
    except ValueError:
        return "'" + cell
    return cell
