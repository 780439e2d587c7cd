"""The pages of listening: the respondent's pages, the live stream, touchpoints, observations, imports."""
