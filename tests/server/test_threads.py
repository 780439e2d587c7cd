"""Several requests that solve equations at once do not break the process."""

from __future__ import annotations

import subprocess
import sys

_MANY = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
import numpy as np

def solved(seed):
    rows = np.random.default_rng(seed).random((200, 200)) + np.eye(200) * 200
    return float(np.linalg.solve(rows, np.ones(200)).sum() + np.linalg.svd(rows)[1][0])

with ThreadPoolExecutor(8) as pool:
    print(len(list(pool.map(solved, range(60)))))
"""


def test_eight_threads_solve_equations_side_by_side() -> None:
    done = subprocess.run([sys.executable, "-c", _MANY], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "60"), done.stderr
