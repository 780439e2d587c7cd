"""Importers: a file or a payload in, feedback out, with a ledger."""
