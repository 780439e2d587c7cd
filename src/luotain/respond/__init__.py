"""Respond: what to do for this customer, and by when."""
