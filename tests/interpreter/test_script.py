"""The probe's program, as far as this machine cannot show it: other executables, C libraries and distributors."""

from __future__ import annotations

import os
import site
import struct
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from clearway.interpreter import script
from interpreter.fakes import posix


def _elf(*, wide: bool, order: str, machine: int, flags: int, loader: bytes) -> bytes:
    """Build an executable's headers: two program headers, of which the second names the loader (System V ABI)."""
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    size = 56 if wide else 32
    header = 64 if wide else 52
    at = header + 2 * size
    if wide:
        head = struct.pack(order + "HHIQQQIHHHHHH", 2, machine, 1, 0, header, 0, flags, header, size, 2, 0, 0, 0)
        load = struct.pack(order + "IIQQQQQQ", 1, 0, 0, 0, 0, 4, 4, 0)
        interpreter = struct.pack(order + "IIQQQQQQ", 3, 0, at, 0, 0, len(loader), len(loader), 0)
    else:
        head = struct.pack(order + "HHIIIIIHHHHHH", 2, machine, 1, 0, header, 0, flags, header, size, 2, 0, 0, 0)
        load = struct.pack(order + "IIIIIIII", 1, 0, 0, 0, 4, 4, 0, 0)
        interpreter = struct.pack(order + "IIIIIIII", 3, at, 0, 0, len(loader), len(loader), 0, 0)
    return ident + head + load + interpreter + loader


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
def test_elf_headers(tmp_path: Path, wide: bool, order: str) -> None:
    path = tmp_path / "python"
    path.write_bytes(_elf(wide=wide, order=order, machine=40, flags=0x05000400, loader=b"/lib/ld-musl-armhf.so.1\0"))
    expected = (64 if wide else 32, order == "<", 40, 0x05000400)
    assert script.elf_header(str(path)) == (expected, "/lib/ld-musl-armhf.so.1")


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x01\x01" + b"\xff" * 57])
def test_what_is_no_elf_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "python"
    path.write_bytes(content)
    assert script.elf_header(str(path)) == (None, "")


def test_no_file_at_all(tmp_path: Path) -> None:
    assert script.elf_header(str(tmp_path / "python")) == (None, "")


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_the_running_interpreter() -> None:
    header, loader = script.elf_header(sys.executable)
    assert header is not None
    assert header[:2] == (struct.calcsize("P") * 8, sys.byteorder == "little")
    assert os.path.exists(loader)


@posix
@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("musl libc (x86_64)\\nVersion 1.2.4\\nDynamic Program Loader\\n", "1.2.4"),
        ("something else\\nVersion 1.2.4\\n", ""),
        ("musl libc (x86_64)\\n", ""),
        ("", ""),
    ],
)
def test_the_loader_of_musl_tells_its_version(tmp_path: Path, printed: str, version: str) -> None:
    loader = tmp_path / "ld-musl"
    loader.write_text(f"#!/bin/sh\nprintf '{printed}' >&2\nexit 1\n")
    loader.chmod(0o755)
    assert script.musl_version(str(loader)) == version


def test_a_loader_that_is_not_there(tmp_path: Path) -> None:
    assert script.musl_version(str(tmp_path / "ld-musl")) == ""


def _distributor(monkeypatch: pytest.MonkeyPatch, **attributes: object) -> None:
    module = ModuleType("_manylinux")
    module.__dict__.update(attributes)
    monkeypatch.setitem(sys.modules, "_manylinux", module)


def test_a_distributor_judges_each_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def compatible(major: int, minor: int, architecture: str) -> bool | None:
        assert (major, architecture) == (2, "x86_64")
        return None if minor == 0 else minor > 2

    _distributor(monkeypatch, manylinux_compatible=compatible, manylinux1_compatible=False)
    assert script.refused_manylinux("2.6-2014.11", "x86_64") == ["2_1", "2_2"]
    assert script.refused_manylinux("", "x86_64") == []


def test_a_distributor_judges_the_old_names(monkeypatch: pytest.MonkeyPatch) -> None:
    _distributor(
        monkeypatch, manylinux1_compatible=False, manylinux2010_compatible=True, manylinux2014_compatible=False
    )
    assert script.refused_manylinux("2.36", "x86_64") == ["2_5", "2_17"]


def test_no_distributor_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_manylinux", None)
    assert script.refused_manylinux("2.36", "x86_64") == []


SCHEME = {"purelib": "/usr/lib/site-packages", "platlib": "/usr/lib64/site-packages"}


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A system interpreter of Fedora's kind, whose distributor moved installations of users aside."""
    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(site, "PREFIXES", ["/usr"])
    monkeypatch.setattr(site, "getsitepackages", lambda: ["/usr/local/lib/site-packages", "/usr/lib/site-packages"])
    monkeypatch.setattr(site, "getusersitepackages", lambda: "/home/me/site-packages")
    monkeypatch.delenv("PYTHONNOUSERSITE", raising=False)
    return monkeypatch


def test_the_users_own_folder_comes_before_those_of_the_system(system: pytest.MonkeyPatch) -> None:
    assert script.search(SCHEME) == [
        "/home/me/site-packages",
        "/usr/local/lib/site-packages",
        "/usr/lib/site-packages",
        "/usr/lib64/site-packages",
    ]


def test_the_users_own_folder_may_be_ruled_out(system: pytest.MonkeyPatch) -> None:
    system.setenv("PYTHONNOUSERSITE", "1")
    assert script.user_site() == []


@posix
def test_the_users_own_folder_is_not_used_by_a_set_user_id_program(system: pytest.MonkeyPatch) -> None:
    system.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert script.user_site() == []


def test_a_virtual_environment_has_nothing_of_the_user(system: pytest.MonkeyPatch) -> None:
    system.setattr(sys, "prefix", "/env")
    system.setattr(site, "PREFIXES", ["/env"])
    system.setattr(site, "getsitepackages", lambda: ["/env/lib/site-packages"])
    own = {"purelib": "/env/lib/site-packages", "platlib": "/env/lib/site-packages"}
    assert script.search(own) == ["/env/lib/site-packages"]


def test_a_virtual_environment_with_system_packages_has_the_users_between(system: pytest.MonkeyPatch) -> None:
    system.setattr(sys, "prefix", "/env")
    system.setattr(site, "PREFIXES", ["/env", "/usr"])
    system.setattr(site, "getsitepackages", lambda: ["/env/lib/site-packages", "/usr/lib/site-packages"])
    own = {"purelib": "/env/lib/site-packages", "platlib": "/env/lib/site-packages"}
    assert script.search(own) == ["/env/lib/site-packages", "/home/me/site-packages", "/usr/lib/site-packages"]


@posix
def test_two_names_of_one_folder_count_once(system: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib64").symlink_to("lib")
    system.setattr(site, "getsitepackages", lambda: [str(tmp_path / "lib64"), str(tmp_path / "lib")])
    scheme = {"purelib": str(tmp_path / "lib"), "platlib": str(tmp_path / "lib64")}
    assert script.search(scheme) == ["/home/me/site-packages", str(tmp_path / "lib64")]


def test_an_old_virtualenv_whose_site_module_knows_little(system: pytest.MonkeyPatch) -> None:
    system.delattr(site, "getsitepackages")
    system.setattr(sys, "path", ["/usr/lib/python3", "/usr/lib/site-packages"])
    assert "/usr/lib/site-packages" in script.search(SCHEME)
    system.setattr(sys, "real_prefix", "/opt", raising=False)
    assert script.base_prefix() == "/opt"


def test_a_build_from_a_working_copy_has_a_readable_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.14.0+")
    assert script.markers()["python_full_version"] == "3.14.0+local"


def test_a_pre_release_of_an_implementation(monkeypatch: pytest.MonkeyPatch) -> None:
    class Version(tuple[object, ...]):
        releaselevel = "candidate"
        serial = 2

    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name="pypy", version=Version((7, 3, 0, "candidate", 2))))
    assert script.markers()["implementation_version"] == "7.3.0c2"


@pytest.mark.parametrize(("told", "references", "debug"), [(1, False, True), (0, True, False), (None, True, True)])
def test_debug_builds(monkeypatch: pytest.MonkeyPatch, told: int | None, references: bool, debug: bool) -> None:
    monkeypatch.setattr("sysconfig.get_config_var", lambda name: told)
    if references:
        monkeypatch.setattr(sys, "gettotalrefcount", int, raising=False)
    assert script.is_debug() is debug
