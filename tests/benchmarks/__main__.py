"""`python -m tests.benchmarks [name …]`: each benchmark of this folder in a process of its own.

A benchmark is a module that has `measure` and shows its figures when it is run.
"""

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Sequence

import tests.benchmarks


def benchmarks() -> list[str]:
    found = [module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__)]
    return [name for name in found if hasattr(_module(name), "measure")]


def _module(name: str) -> object:
    return None if name == "__main__" else importlib.import_module(f"tests.benchmarks.{name}")


def main(wanted: Sequence[str]) -> int:
    """How many of them failed."""
    known = benchmarks()
    if unknown := sorted(set(wanted) - set(known)):
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(known)}")
    commands = [[sys.executable, "-m", f"tests.benchmarks.{name}"] for name in wanted or known]
    return sum(subprocess.run(command, check=False).returncode != 0 for command in commands)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
