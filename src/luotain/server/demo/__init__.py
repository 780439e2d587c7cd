"""Kurki, the demo company: made by our own seeded generator."""
