"""The same requirement files with pip and with clearway, and whether the environments hold the same.

``python benchmarks/same_environment.py [SET ...]`` makes two new environments for each set, installs into one with pip
and into the other with clearway, from the index that pip would use here, and compares everything below them byte for
byte (tests/support/environments.py says what is left out). Nothing is timed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.environments import differences, distributions, read_contents  # noqa: E402 - the path comes first

PROJECT = """\
[build-system]
requires = ["{backend}"]
build-backend = "{hooks}"
[project]
name = "{name}"
version = "0.1"
description = "A project"
dependencies = ["idna"]
[project.optional-dependencies]
more = ["six"]
[project.scripts]
{name}-says = "{name}:main"
"""


class Set(NamedTuple):
    """One set of requirements, as people have them.

    :param line: what stands behind ``install``.
    :param files: what it reads, by path; a folder that has a pyproject.toml gets a module too.
    :param hashed: names that are pinned with their hashes in ``hashed.txt``, by pip.
    """

    line: str
    files: dict[str, str]
    hashed: tuple[str, ...] = ()


def _project(name: str, backend: str, hooks: str) -> dict[str, str]:
    """Return the files of a project."""
    text = PROJECT.format(name=name, backend=backend, hooks=hooks)
    return {f"{name}/pyproject.toml": text, f"{name}/{name}.py": f'"""A module."""\ndef main():\n    print("{name}")\n'}


FLIT = _project("fresh", "flit_core>=3.11,<4", "flit_core.buildapi")
SETUPTOOLS = _project("older", "setuptools>=61,<76", "setuptools.build_meta")
HATCH = _project("newer", "hatchling", "hatchling.build")
SETS = {
    "web": Set("-r r.txt", {"r.txt": "flask==3.0.3\ngunicorn==22.0.0\nwerkzeug>=3.0,<3.1\n"}),
    "extras": Set("'requests[socks,use_chardet_on_py3]>=2.31,<3'", {}),
    "django": Set(
        "-r r.txt", {"r.txt": 'django~=4.2\npsycopg2-binary==2.9.9 ; python_version < "3.13"\nwhitenoise[brotli]\n'}
    ),
    "arrays": Set("numpy pandas", {}),
    "constraints": Set(
        "-c c.txt jupyter-client nbformat", {"c.txt": "traitlets<5.14\njupyter-core<5.6\nattrs==23.2.0\n"}
    ),
    "hashes": Set("--require-hashes -r hashed.txt", {}, ("click==8.1.7", "itsdangerous==2.1.2", "six==1.16.0")),
    "sources": Set("docopt==0.6.2 pyperclip==1.8.2", {}),
    "no-binary": Set("--no-binary six,pyparsing six==1.16.0 pyparsing==3.1.2", {}),
    "editable": Set("-e ./older[more] -e ./fresh", {**SETUPTOOLS, **FLIT}),
    "folder": Set("./fresh ./older './newer[more]'", {**FLIT, **SETUPTOOLS, **HATCH}),
    "repository": Set("'git+file://{here}/fresh@v1' 'older @ git+file://{here}/older'", {**FLIT, **SETUPTOOLS}),
    "commands": Set("black==24.4.2 httpie pygments", {}),
    "tests": Set(
        "-r test.txt -r dev.txt",
        {"test.txt": "pytest>=8,<8.4\npytest-cov\n", "dev.txt": "-r test.txt\nhypothesis<6.110\n"},
    ),
    "documents": Set("'sphinx<7.2' sphinx-rtd-theme", {}),
    "cloud": Set("boto3==1.34.100 'awscli==1.32.100' --upgrade-strategy eager -U", {}),
    "service": Set("'fastapi==0.111.0' 'uvicorn[standard]<0.31'", {}),
    "database": Set(
        "-r r.txt", {"r.txt": 'sqlalchemy[asyncio]==2.0.30\nalembic\ntomli ; python_version < "3.11"\ngreenlet\n'}
    ),
    "publishing": Set("build 'twine<6' check-wheel-contents", {}),
    "security": Set("'cryptography<43' pyopenssl paramiko", {}),
    "pages": Set("lxml beautifulsoup4 'html5lib[all]' cssselect", {}),
    "notebooks": Set("'ipywidgets<8.2' 'ipython<8.13'", {}),
    "tools": Set("'setuptools<76' wheel pip-tools", {}),
    "archive": Set("--no-index --find-links wheels 'click==8.1.7' six", {}, ("click==8.1.7", "six==1.16.0")),
}


def main() -> int:
    """Compare the sets that are asked for; return how a program ends."""
    parser = argparse.ArgumentParser(prog="python benchmarks/same_environment.py", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="SET", help=f"which sets (default: all): {', '.join(SETS)}")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that the environments are made from")
    parser.add_argument("--pip", metavar="REQUIREMENT", help="another pip than that of the interpreter: pip==25.0.1")
    parser.add_argument("--clearway", default=f"{sys.executable} -m clearway", help="the command to compare with pip")
    wanted = parser.parse_args()
    unlike = 0
    with tempfile.TemporaryDirectory(prefix="same-") as folder:
        for name in wanted.names or SETS:
            found = compare(SETS[name], Path(folder).resolve() / name, wanted)
            unlike += bool(found.wrong)
            told = f"{found.packages} packages, {found.files} files"
            print(f"{'DIFFERENT' if found.wrong else 'same':10}{name:13}{told}", *found.wrong, sep="\n    ", flush=True)
    return 1 if unlike else 0


class Found(NamedTuple):
    """What was compared, and what is not the same."""

    packages: int
    files: int
    wrong: list[str]


def compare(wanted: Set, place: Path, given: argparse.Namespace) -> Found:
    """Install a set with both, and compare."""
    _write(wanted, place, given.python)
    contents, statuses = [], []
    for tool in ("pip", "clearway"):
        env = place / tool
        subprocess.run([given.python, "-m", "venv", env], check=True, env=_variables())
        at = str(env / "bin" / "python")
        pip = [at, "-m", "pip", "--disable-pip-version-check"]
        if given.pip:
            subprocess.run([*pip, "install", "--quiet", given.pip], check=True, env=_variables())
        command = pip if tool == "pip" else given.clearway.split()
        options = ["--cache-dir", str(place.parent / f"{tool}-cache"), *([] if tool == "pip" else ["--python", at])]
        line = " ".join([*command, "install", "--quiet", *options, wanted.line.replace("{here}", str(place / "work"))])
        done = subprocess.run(line, shell=True, cwd=place / "work", env=_variables(), capture_output=True, text=True)
        statuses.append(f"{tool} ended with {done.returncode}: {_last(done.stderr)}" if done.returncode else "")
        contents.append(read_contents(env, _own(env), place="ENV"))
    packages = len(distributions(place / "pip").keys() - {"pip"})
    wrong = [*filter(None, statuses), *differences(*contents)]
    shutil.rmtree(place)
    return Found(packages, len(contents[0]), wrong)


def _write(wanted: Set, place: Path, python: str) -> None:
    """Write what a set reads: its files, repositories of its projects, wheels and their hashes."""
    work = place / "work"
    work.mkdir(parents=True)
    for path, text in wanted.files.items():
        (work / path).parent.mkdir(exist_ok=True)
        (work / path).write_text(text)
    for project in {path.parent for path in work.glob("*/pyproject.toml")} if "git+" in wanted.line else ():
        for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"], ["tag", "v1"]):
            named = ["git", "-C", str(project), "-c", "user.name=Demo", "-c", "user.email=demo@example.com", *words]
            subprocess.run(named, check=True)
    if wanted.hashed:
        pip = [python, "-m", "pip", "--disable-pip-version-check", "-q"]
        fetch = [*pip, "download", "--no-deps", "-d", "wheels", *wanted.hashed]
        subprocess.run(fetch, check=True, cwd=work, env=_variables())
        said = [_hash(pip, path, work) for path in sorted((work / "wheels").iterdir())]
        (work / "hashed.txt").write_text("".join(said))


def _hash(pip: list[str], archive: Path, work: Path) -> str:
    """Return a line of a requirement file that pins an archive."""
    command = [*pip[:-1], "hash", str(archive)]
    said = subprocess.run(command, check=True, cwd=work, env=_variables(), capture_output=True, text=True).stdout
    name, version = archive.name.split("-")[:2]
    return f"{name}=={version} \\\n    {re.findall('--hash=[^ ]+', said.strip())[0]}\n"


def _own(env: Path) -> set[str]:
    """Return where the pip of an environment is, and what differs between any two environments."""
    found = [*env.glob("lib/*/site-packages/pip"), *env.glob("lib/*/site-packages/pip-*.dist-info")]
    found += [env / "bin" / "pip", *env.glob("bin/pip[0-9]*"), *env.glob("bin/[Aa]ctivate*"), env / "pyvenv.cfg"]
    return {path.relative_to(env).as_posix() for path in found}


def _variables() -> dict[str, str]:
    """Return the variables of this process without those that would say where an installer works."""
    return {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}


def _last(text: str) -> str:
    """Return the last words of a failure, without user info."""
    return re.sub(r"//[^/@ ]*@", "//****@", " | ".join(text.strip().splitlines()[-6:]))[-700:]


if __name__ == "__main__":
    sys.exit(main())
