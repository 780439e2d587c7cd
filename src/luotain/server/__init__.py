"""The server: Django begins here."""
