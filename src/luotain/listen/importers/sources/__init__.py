"""The exports of other tools: how each is recognised, and what its columns mean."""
