"""What stands before a line is run: an index on loopback, and a folder with an environment, files and repositories.

Both tools find the same at the same path, one after the other, so that nothing that they say or write has to be
translated: ``here/env`` is an active virtual environment with a pip in it, ``here/work`` the folder in which lines
run, ``here/home`` the home of whoever runs them. What an environment holds at the start is installed by pip, for both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drop_in.offer import STEADY, publish
from support.sources import toy_tree, write_tree
from support.wheels import make_wheel

if TYPE_CHECKING:
    from support.simulator import IndexSimulator

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_IDENTITY = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com")
_PIPS = ("pip", "pip3")
_KEPT = ("TERM", "TMPDIR")

FILES = {
    "requirements.txt": "# what it runs on\napp>=1.0  # the newest\nbase==1.5\n",
    "requirements/base.txt": "base==1.5\n",
    "requirements/dev.txt": "-r base.txt\n-c ../constraints.txt\npages\n",
    "requirements/pinned.txt": "app==1.0\nbase==1.0\nglitter==0.9\n",
    "requirements/markers.txt": (
        "base ; python_version >= '3.8'\nglitter ; sys_platform == 'win32'\ntool ; implementation_name == 'cpython'\n"
    ),
    "requirements/extras.txt": "app[fancy,docs] == 2.0\n",
    "requirements/long.txt": "app[fancy] \\\n    >= 1.0, \\\n    < 2.0\n\n# done\n",
    "requirements/local.txt": "--no-index\n--find-links wheelhouse\napp\n",
    "requirements/variables.txt": "--index-url ${INDEX}\nbase==1.0\n",
    "requirements/two.txt": "--index-url ${INDEX}\n--extra-index-url ${EXTRA}\nprivate-lib\nbase==1.0\n",
    "requirements/path.txt": "./wheelhouse/base-1.0-py3-none-any.whl\n",
    "requirements/editable.txt": "-e ./lib\nglitter\n",
    "requirements/none.txt": "# nothing\n\n",
    "requirements/broken.txt": "base==1.0\nnot a requirement at all\n",
    "requirements/switches.txt": "--pre\n--only-binary :all:\n--prefer-binary\nbase\n",
    "requirements/clash.txt": "needs-old\nneeds-new\n",
    "constraints.txt": "base<2\nglitter==0.9\n",
    "exclude.txt": "base!=1.5\n",
    "groups/pyproject.toml": (
        '[project]\nname = "grouped"\nversion = "1"\n[dependency-groups]\ntest = ["tool==1.0"]\n'
        'all = [{include-group = "test"}, "pages"]\n'
    ),
    "scripts/setup-env.sh": "pip install -q base==1.0 && pip list --format=freeze\n",
    "Makefile": "install:\n\tpip install -r requirements.txt\nclean:\n\tpip uninstall -y -r requirements.txt\n",
}
"""What a project's folder holds besides archives."""


class Yard:
    """The folders of one session, and the states that scripts begin with.

    :param root: a folder of its own, where nothing else is.
    :param pip: the folder of site-packages that the pip is taken from.
    """

    def __init__(self, root: Path, index: IndexSimulator, pip: Path) -> None:
        self.here = root / "here"
        self.env = self.here / "env"
        self.site = self.env / "lib" / VERSION / "site-packages"
        self.work = self.here / "work"
        self._states = root / "states"
        self._states.mkdir(parents=True)
        self._index = index
        self._prepared: dict[tuple[str, ...], Path] = {}
        self._shims = root / "shims"
        self._locked = publish(index, version_of(pip))
        self._make_shims()
        self._make(pip)

    def variables(self, tool: str) -> dict[str, str]:
        """Return the variables of whoever runs a line with a tool."""
        commands = [str(self.env / "bin"), *_system_commands()]
        if tool == "clearway":
            commands.insert(0, str(self._shims))
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PATH": os.pathsep.join(commands),
            "HOME": str(self.here / "home"),
            "LANG": "C.UTF-8",
            "VIRTUAL_ENV": str(self.env),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": self._index.url,
            "BASE": os.path.realpath(getattr(sys, "_base_executable", sys.executable)),
            "HOST": self._index.host,
            "INDEX": self._index.url,
            "EXTRA": self._index.repository("extra").url,
            "LOCKED": self._locked,
            "LINKS": f"{self._index.host}/links.html",
        }

    def prepare(self, before: tuple[str, ...] = ()) -> None:
        """Have everything stand there as a script finds it, after some lines that pip has run."""
        if before not in self._prepared:
            self._copy(self._prepared[()])
            for line in before:
                said = self.run("pip", line)
                assert said.returncode == 0, (line, said.stdout, said.stderr)
            self._prepared[before] = self._states / str(len(self._prepared))
            shutil.rmtree(self.here / "home" / ".cache", ignore_errors=True)
            os.rename(self.here, self._prepared[before])
        self._copy(self._prepared[before])

    def run(self, tool: str, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line in the shell, its ``pip`` being the tool that is meant."""
        said = line.replace("python3 -m pip", "pip").replace("python -m pip", "pip") if tool == "clearway" else line
        return subprocess.run(
            ["/bin/sh", "-c", said],
            cwd=self.work,
            env=self.variables(tool),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    @property
    def apart(self) -> set[str]:
        """What is not compared: the pip in the environment, and what tools keep for themselves."""
        own = [self.site / "pip", *self.site.glob("pip-*.dist-info"), *(self.env / "bin" / name for name in _PIPS)]
        return {path.relative_to(self.here).as_posix() for path in own} | {"home/.cache", "work/.cache"}

    def _copy(self, state: Path) -> None:
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(state, self.here, symlinks=True, copy_function=_link_or_copy)

    def _make(self, pip: Path) -> None:
        """Make the state that all others begin with."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.env], check=True)
        for path in (pip / "pip", *pip.glob("pip-*.dist-info")):
            shutil.copytree(path, self.site / path.name)
        start = f"#!{self.env}/bin/python\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
        for name in _PIPS:
            _command(self.env / "bin" / name, start)
        (self.here / "home").mkdir()
        self.work.mkdir()
        _fill(self.work)
        self._prepared[()] = self._states / "0"
        os.rename(self.here, self._prepared[()])

    def _make_shims(self) -> None:
        self._shims.mkdir()
        for name in _PIPS:
            _command(self._shims / name, f'#!/bin/sh\nexec "{sys.executable}" -m clearway "$@"\n')


def _fill(work: Path) -> None:
    """Write what a project's folder holds."""
    write_tree(work, FILES)
    house = work / "wheelhouse"
    house.mkdir()
    for wheel in (make_wheel("base", "1.0"), make_wheel("app", "1.0", requires=["base<2"])):
        wheel.write(house)
    write_tree(work / "project", _tree("project", "0.1", requires=("base",)))
    write_tree(work / "lib", _tree("lib", "0.2"))
    repository = write_tree(work / "repo", _tree("vcs", "0.3"))
    write_tree(repository / "sub", _tree("inner", "0.4"))
    _git(repository, "init", "-q", "-b", "main")
    _git(repository, "add", ".")
    _git(repository, "commit", "-qm", "first")
    _git(repository, "tag", "v0.3")
    wheel = make_wheel("base", "1.0")
    lines = f"base==1.0 \\\n    --hash=sha256:{wheel.sha256}\n"
    (work / "requirements" / "hashes.txt").write_text(lines)
    (work / "requirements" / "wrong-hash.txt").write_text(f"base==1.0 --hash=sha256:{'0' * 64}\n")
    lock = (
        'lock-version = "1.0"\ncreated-by = "demo"\n[[packages]]\nname = "base"\nversion = "1.0"\n'
        f'[[packages.wheels]]\nname = "{wheel.filename}"\npath = "wheelhouse/{wheel.filename}"\n'
        f'hashes = {{sha256 = "{wheel.sha256}"}}\n'
    )
    (work / "pylock.toml").write_text(lock)


def _tree(name: str, version: str, requires: tuple[str, ...] = ()) -> dict[str, bytes | str]:
    """Return the files of a project that carries its backend."""
    return {**toy_tree(name, version, requires=requires, carried=True), "tools/toy.py": STEADY}


def _git(folder: Path, *words: str) -> None:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    command = ["git", "-C", str(folder), *_IDENTITY, *words]
    subprocess.run(command, check=True, capture_output=True, env=environ)


def _system_commands() -> list[str]:
    """Return the folders of the commands that lines need: no tool may find a compiler to ask for its release."""
    found = [shutil.which(name) for name in ("git", "make", "sh")]
    return list(dict.fromkeys(os.path.dirname(path) for path in found if path))


def _command(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _link_or_copy(source: str, target: str) -> None:
    """Copy a file; the hundreds of pip, which nobody writes to, are linked."""
    if "/site-packages/pip/" in str(source):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def version_of(pip: Path) -> str:
    """Return the release of the pip in a folder of site-packages."""
    (info,) = pip.glob("pip-*.dist-info")
    return info.stem.partition("-")[2]
