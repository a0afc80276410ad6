"""The demo: the two situations that clearway exists for, on loopback, with nothing but this checkout.

First a policed index: it lists every release and refuses the archives that its scanner has not cleared. Then one host
with two private projects, each with a token of its own. Started by ``./dev demo``; each command is shown before it is
run, and everything that was made is removed. The index is the one that the tests use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from base64 import b64decode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.simulator import Answer, IndexSimulator, Rule
from support.wheels import make_wheel

RELEASES = {
    "storefront 1.0": ["http-toolkit>=2"],
    "storefront 1.1": ["http-toolkit>=2", "url-tools>=2.6"],
    "http-toolkit 2.0": ["url-tools"],
    "http-toolkit 2.1": ["url-tools"],
    "url-tools 2.4.0": [],
    "url-tools 2.5.0": [],
    "url-tools 2.6.0": [],
    "url-tools 2.6.1": [],
}
HELD = ["http-toolkit 2.1", "url-tools 2.6.0", "url-tools 2.6.1"]
REASON = "held: not yet scanned (policy new-releases)"


def main() -> None:
    """Show both situations."""
    with tempfile.TemporaryDirectory(prefix="clearway-demo-") as name, IndexSimulator() as index:
        folder = Path(name)
        venv.create(folder / "env", with_pip=False)
        policed(index, folder)
        two_tokens(index, folder)


def policed(index: IndexSimulator, folder: Path) -> None:
    """Install from an index that refuses some archives, ask why, and upgrade when they are released."""
    say("A policed index: every release is listed, three archives answer 403.")
    for release, requires in RELEASES.items():
        index.add(make_wheel(*release.split(), requires=requires))
    rules = [refuse(index, release) for release in HELD]
    (folder / "clearway.toml").write_text(
        f'[[index]]\nname = "corp"\nurl = "{index.url}"\ndefault = true\npoliced = true\n'
    )
    show(folder, "cat", "clearway.toml")
    show(folder, "clearway", "install", "storefront")
    show(folder, "clearway", "why", "--upgrade", "storefront")
    say("Somebody releases them. Nothing has to be cleared or configured: the next run asks again.")
    for rule in rules:
        rule.times = 0
    show(folder, "clearway", "install", "--upgrade", "storefront", "url-tools", "http-toolkit")
    show(folder, "clearway", "check")


def two_tokens(index: IndexSimulator, folder: Path) -> None:
    """Install from two private projects of one host, each with its own token."""
    say("Two private projects on one host, each with a token of its own that the other one does not accept.")
    (folder / "clearway.toml").unlink()
    urls = []
    for project, package, requires in (("billing", "invoices", ["ledger"]), ("finance", "ledger", [])):
        private = index.repository(project, users={"deploy": f"token-of-{project}"}, denied=404)
        private.add(make_wheel(package, "1.0", requires=requires))
        urls.append(private.url_for("deploy"))
    before = len(index.seen())
    show(folder, "clearway", "install", "--index-url", urls[0], "--extra-index-url", urls[1], "invoices")
    say("Which token went where:")
    for seen in index.seen()[before:]:
        token = b64decode(seen.headers["authorization"].removeprefix("Basic ")).decode()
        write(f"  {seen.status}  {seen.path}  as {token}\n")
    show(folder, "python", "-c", "import invoices, ledger, storefront; print('all of it imports')")


def refuse(index: IndexSimulator, release: str) -> Rule:
    """Have an archive refused, with problem details (RFC 9457) as the reason."""
    name, version = release.split()
    problem = json.dumps({"title": "Forbidden", "status": 403, "detail": REASON}).encode()
    return index.on(
        Answer(403, body=problem, headers={"Content-Type": "application/problem+json"}),
        stage="file",
        filename=make_wheel(name, version).filename,
    )


def write(text: str) -> None:
    """Write at once, so that it comes before what a command writes."""
    sys.stdout.write(text)
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell what comes."""
    write(f"\n# {text}\n")


def show(folder: Path, *command: str) -> None:
    """Print a command and run it in the demo's folder and environment; end with its exit status if it fails."""
    write(f"\n$ {' '.join(command)}\n")
    python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    match command:
        case ["cat", file]:
            write((folder / file).read_text())
            return
        case ["clearway", *rest]:
            arguments = [sys.executable, "-m", "clearway", *rest]
        case [_, *rest]:
            arguments = [str(python), *rest]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CLEARWAY_", "PIP_"))}
    own = {
        "PIP_CONFIG_FILE": os.devnull,
        "VIRTUAL_ENV": str(folder / "env"),
        "CLEARWAY_CACHE_DIR": str(folder / "cache"),
    }
    status = subprocess.run(arguments, cwd=folder, env={**kept, **own}).returncode
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()
