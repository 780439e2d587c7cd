"""``python -m luotain.server.cli``: the command line where the script itself is not on the path."""

from luotain.server.cli.main import run

run()
