"""The demo: a real set from this machine's default index, into a throw-away environment, which then runs it.

Started by ``./dev demo``. It shows each command before it runs it, and removes everything that it made.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

WANTED = ["flask", "rich"]
PROGRAM = """
from flask import Flask
from rich.table import Table
from rich.console import Console
from importlib.metadata import distributions

app = Flask("demo")
app.add_url_rule("/", view_func=lambda: "served from the throw-away environment")
print("flask answers:", app.test_client().get("/").text)

table = Table("distribution", "version", title="what is installed")
for one in sorted(distributions(), key=lambda one: one.name.lower()):
    table.add_row(one.name, one.version)
Console(width=60).print(table)
"""


def show(*command: str) -> None:
    """Print a command and run it; end with its exit status if it fails."""
    sys.stdout.write(f"\n$ {' '.join(command)}\n")
    sys.stdout.flush()
    shown = [sys.executable, "-m", *command] if command[0] == "clearway" else list(command)
    status = subprocess.run(shown).returncode
    if status:
        sys.exit(status)


def main() -> None:
    """Make an environment, install into it twice, check it, run it."""
    with tempfile.TemporaryDirectory(prefix="clearway-demo-") as folder:
        environment = Path(folder) / "env"
        venv.create(environment, with_pip=False)
        here = ("--python", str(environment))
        show("clearway", "install", *here, *WANTED)
        show("clearway", "install", *here, *WANTED)
        show("clearway", "check", *here)
        python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        sys.stdout.write("\n$ python program.py\n")
        sys.stdout.flush()
        sys.exit(subprocess.run([str(python), "-c", PROGRAM]).returncode)


if __name__ == "__main__":
    main()
