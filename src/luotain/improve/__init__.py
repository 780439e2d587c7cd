"""Improve: what to change, what is expected of it, and what it did."""
