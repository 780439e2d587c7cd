"""The hallway: who people are and what may be done with them."""
