"""The API: translate, make one call, answer."""
