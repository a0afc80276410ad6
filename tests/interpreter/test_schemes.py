"""The folders of ``--user``, ``--prefix`` and ``--target``: pip's, of real interpreters and of layouts of elsewhere."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import pytest

from clearway.interpreter import script
from clearway.interpreter.places import in_prefix, in_user
from clearway.interpreter.probe import probe
from clearway.model.targets import HOME, PREFIX, Environment
from interpreter.fakes import Fake, machine_interpreters, posix

pytestmark = posix

FOUND = [*machine_interpreters(), *filter(os.path.exists, ["/usr/bin/python3"])]
SYSTEMS = [path for path in FOUND if not (Path(path).parents[1] / "pyvenv.cfg").exists()]
ASK_PIP = """
import json, sys
sys.path.append(sys.argv[1])
from pip._internal.locations import get_scheme
for options in ({}, {"prefix": "/out"}, {"home": "/out"}, {"user": True}):
    scheme = get_scheme("x", **options)
    print(json.dumps([getattr(scheme, key) for key in ("purelib", "platlib", "scripts", "headers", "data")]))
"""


def schemes_of_pip(python: str) -> list[list[str]]:
    """Return the folders of the environment, below a prefix, below a plain folder, and of the user, as pip has them."""
    pip = pytest.importorskip("pip")
    command = [python, "-W", "ignore", "-c", ASK_PIP, str(Path(pip.__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: list[list[str]] = [json.loads(line) for line in done.stdout.splitlines()]
    return [[*rest[:3], os.path.dirname(rest[3]), rest[4]] for rest in found]


def schemes_of(environment: Environment) -> list[list[str]]:
    home = [os.path.normpath(os.path.join("/out", path)) for path in _folders(environment.below_home)]
    found = [_folders(environment.scheme), _folders(in_prefix(environment, "/out").scheme), home]
    return [*found, _folders(in_user(environment).scheme)] if environment.user else found


def _folders(scheme: object) -> list[str]:
    return [getattr(scheme, key) for key in ("purelib", "platlib", "scripts", "headers", "data")]


@pytest.mark.parametrize("python", SYSTEMS, ids=lambda path: "-".join(Path(path).parts[-3:]))
def test_of_the_interpreters_of_this_machine(python: str) -> None:
    assert schemes_of(probe(python)) == schemes_of_pip(python)


def test_of_virtual_environments(virtual_python: str) -> None:
    environment = probe(virtual_python)
    assert environment.user is None
    assert not environment.user_enabled
    assert schemes_of(environment) == schemes_of_pip(virtual_python)[:3]


def test_the_users_folder_depends_on_whose_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path))
    python = os.path.join(sys.base_prefix, "bin", f"python{script.RELEASE}")
    environment = probe(python)
    assert environment.user is not None
    assert environment.user.data == str(tmp_path)
    assert environment.user_enabled
    monkeypatch.setenv("PYTHONNOUSERSITE", "1")
    environment = probe(python)
    assert not environment.user_enabled  # but whoever insists may install there
    assert in_user(environment).search[0].startswith(str(tmp_path))


def test_what_an_interpreter_does_not_tell_is_the_ordinary(fake: Fake) -> None:
    environment = probe(fake.tells())
    assert (environment.below_prefix, environment.below_home, environment.user) == (PREFIX, HOME, None)


# -- layouts of elsewhere ----------------------------------------------------------------------------------------------


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An interpreter in /usr that is no virtual environment."""
    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(site, "PREFIXES", ["/usr"])
    return monkeypatch


def _scheme(monkeypatch: pytest.MonkeyPatch, name: str, site_packages: str, base: str = "") -> None:
    """Add a scheme to ``sysconfig``."""
    keys = dict.fromkeys(("purelib", "platlib", "stdlib", "platstdlib"), f"{{base}}{base}/{site_packages}")
    more = {"scripts": f"{{base}}{base}/bin", "data": f"{{base}}{base}", "include": "{installed_base}/include/x"}
    known = sysconfig._INSTALL_SCHEMES  # type: ignore[attr-defined]
    monkeypatch.setitem(known, name, keys | more)


def _preferred(monkeypatch: pytest.MonkeyPatch, **names: str) -> None:
    monkeypatch.setattr(sysconfig, "get_preferred_scheme", names.__getitem__)


def test_debian(system: pytest.MonkeyPatch) -> None:
    """What a person installs is apart from what the system has; with pip, below another prefix too."""
    _scheme(system, "posix_local", "lib/python3.11/dist-packages", base="/local")
    _preferred(system, prefix="posix_local", home="posix_home", user="posix_user")
    found = script.prefix_scheme()
    assert found == {
        "purelib": "local/lib/python3.11/dist-packages",
        "platlib": "local/lib/python3.11/dist-packages",
        "scripts": "local/bin",
        "headers": "include/x",
        "data": "local",
    }


def test_windows(system: pytest.MonkeyPatch) -> None:
    _preferred(system, prefix="nt", home="nt", user="nt_user")
    for scheme in (script.prefix_scheme(), script.home_scheme()):
        assert (scheme["purelib"], scheme["scripts"], scheme["headers"], scheme["data"]) == (
            "Lib/site-packages",
            "Scripts",
            "Include",
            "",
        )


def test_a_framework_of_macos(system: pytest.MonkeyPatch) -> None:
    """Apple's own scheme is for the folder of the system: what goes elsewhere goes there in the ordinary way."""
    _scheme(system, "osx_framework_library", "../../../Library/Python/3.9/site-packages")
    _preferred(system, prefix="osx_framework_library", home="posix_home", user="osx_framework_user")
    assert script.prefix_scheme()["purelib"] == f"lib/python{script.RELEASE}/site-packages"
    _scheme(system, "osx_framework_user", "Library/Python/3.9/lib/python/site-packages")
    user = script.user_scheme()
    assert user is not None
    assert user["purelib"].endswith("Library/Python/3.9/lib/python/site-packages")


@pytest.mark.parametrize("framework", ["Python3", ""])
def test_a_framework_before_there_were_preferred_schemes(system: pytest.MonkeyPatch, framework: str) -> None:
    system.delattr(sysconfig, "get_preferred_scheme")
    system.setattr(script, "distributor_paths", lambda prefix=None: {})
    _scheme(system, "osx_framework_user", "Library/site-packages")
    original = sysconfig.get_config_var
    told = {"PYTHONFRAMEWORK": framework}
    system.setattr(sysconfig, "get_config_var", lambda name: told[name] if name in told else original(name))
    user = script.user_scheme()
    assert user is not None
    assert user["purelib"].endswith("Library/site-packages") is bool(framework)
    assert script.home_scheme()["purelib"] == "lib/python"


def test_pypy_before_there_were_preferred_schemes(system: pytest.MonkeyPatch) -> None:
    system.delattr(sysconfig, "get_preferred_scheme")
    system.setattr(script, "distributor_paths", lambda prefix=None: {})
    system.setattr(sys, "implementation", SimpleNamespace(name="pypy", version=sys.version_info))
    _scheme(system, "pypy", "site-packages")
    assert script.prefix_scheme()["purelib"] == "site-packages"


def test_a_distributor_who_told_distutils_alone(system: pytest.MonkeyPatch) -> None:
    system.delattr(sysconfig, "get_preferred_scheme")
    system.setattr(
        script,
        "distributor_paths",
        lambda prefix=None: {"purelib": f"{prefix}/lib/site-packages", "platlib": f"{prefix}/lib64/site-packages"},
    )
    found = script.prefix_scheme()
    assert (found["purelib"], found["platlib"], found["scripts"]) == ("lib/site-packages", "lib64/site-packages", "bin")


def test_what_a_distributor_puts_elsewhere_stays_there(system: pytest.MonkeyPatch) -> None:
    _scheme(system, "elsewhere", "lib")
    known = sysconfig._INSTALL_SCHEMES  # type: ignore[attr-defined]
    known["elsewhere"]["scripts"] = "/opt/bin"
    _preferred(system, prefix="elsewhere", home="posix_home", user="posix_user")
    assert script.prefix_scheme()["scripts"] == "/opt/bin"


def test_no_folder_of_the_user(system: pytest.MonkeyPatch) -> None:
    """Nobody is at home, or the environment looks nowhere but into itself."""
    _preferred(system, prefix="posix_prefix", home="posix_home", user="unheard-of")
    assert script.user_scheme() is None
    system.setattr(sys, "prefix", "/env")
    system.setattr(site, "PREFIXES", ["/env"])
    assert script.user_scheme() is None
    system.setattr(sysconfig, "get_config_var", lambda name: None)
    assert script.user_scheme() is None
