"""Understand: honest numbers of what was heard."""
