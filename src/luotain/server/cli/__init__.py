"""The command line: translate, make one call, print."""
