"""The pages: translate, make one call, render."""
