"""The default index: what some pip on the machine says, and nothing that is written here."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from clearway.configuration import default_index as module
from clearway.configuration.default_index import default_index
from clearway.errors import InputError
from clearway.model.targets import Environment, Scheme

MEMBER = "pip/_internal/models/index.py"


def _statement(host: str) -> str:
    return (
        f'class PackageIndex:\n    pass\n\n\nPyPI = PackageIndex("https://{host}.example/", storage="files.example")\n'
    )


def _installed(folder: Path, host: str) -> str:
    path = folder / MEMBER
    path.parent.mkdir(parents=True)
    path.write_text(_statement(host))
    return str(folder)


def _wheel(folder: Path, host: str, name: str = "pip-24.0-py3-none-any.whl") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, _statement(host))
    return str(folder / name)


class Machine:
    """A target environment and an interpreter of our own, each with its standard library, and no pip anywhere."""

    def __init__(self, root: Path) -> None:
        self.site = root / "env" / "site-packages"
        self.stdlib = root / "base" / "lib" / "python3.12"
        self.own_site = root / "own" / "site-packages"
        self.own_stdlib = root / "own" / "lib" / "python3.13"
        self.values: dict[tuple[str, str], bytes] = {}

    def get(self, table: str, key: str) -> bytes | None:
        return self.values.get((table, key))

    def get_many(self, table: str, keys: list[str]) -> dict[str, bytes]:
        return {key: self.values[table, key] for key in keys if (table, key) in self.values}

    def put(self, table: str, key: str, value: bytes) -> None:
        self.values[table, key] = value

    def flush(self) -> None:
        pass

    def default(self) -> tuple[str, str]:
        scheme = Scheme("", "", "", "", "")
        environment = Environment("", "", "", {}, (), scheme, (str(self.site),), str(self.stdlib))
        given = default_index(environment, self, (str(self.own_site),), str(self.own_stdlib))
        return given.value, given.origin


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(module, "_DISTRIBUTOR_WHEELS", str(tmp_path / "wheels"))
    return Machine(tmp_path)


def test_the_nearest_pip_says_it(machine: Machine, tmp_path: Path) -> None:
    """From the farthest to the nearest: each beats those before it."""
    with pytest.raises(InputError) as caught:
        machine.default()
    assert caught.value.code == "no-index"
    assert "--index-url" in caught.value.hint
    for host, put in (
        ("distributor", lambda host: _wheel(tmp_path / "wheels", host)),
        ("own-bundle", lambda host: _wheel(machine.own_stdlib / "ensurepip" / "_bundled", host)),
        ("bundle", lambda host: _wheel(machine.stdlib / "ensurepip" / "_bundled", host)),
        ("own-base", lambda host: _installed(machine.own_stdlib / "site-packages", host)),
        ("base-of-distributor", lambda host: _installed(machine.stdlib.parent / "python3" / "dist-packages", host)),
        ("base", lambda host: _installed(machine.stdlib / "site-packages", host)),
        ("own", lambda host: _installed(machine.own_site, host)),
        ("target", lambda host: _installed(machine.site, host)),
    ):
        place = put(host)
        url, origin = machine.default()
        assert url == f"https://{host}.example/simple"
        assert origin.startswith("the default of ")
        assert origin.endswith(place)


@pytest.mark.parametrize(
    "text", ["", "PyPI = None", 'TestPyPI = PackageIndex("https://test.example/")', 'PyPI = PackageIndex("file:///x")']
)
def test_a_pip_that_does_not_say_it_is_passed_over(machine: Machine, text: str) -> None:
    Path(_installed(machine.site, "x"), MEMBER).write_text(text)
    _installed(machine.own_site, "own")
    assert machine.default()[0] == "https://own.example/simple"


def test_a_statement_over_several_lines(machine: Machine) -> None:
    Path(_installed(machine.site, "x"), MEMBER).write_text(
        "PyPI = PackageIndex(\n    'http://a.example:8080/root',\n)\n"
    )
    assert machine.default()[0] == "http://a.example:8080/root/simple"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"PK\x05\x06" + bytes(18)])
def test_a_damaged_wheel_is_passed_over(machine: Machine, tmp_path: Path, content: bytes) -> None:
    Path(_wheel(machine.stdlib / "ensurepip" / "_bundled", "x")).write_bytes(content)
    _wheel(tmp_path / "wheels", "distributor")
    assert machine.default()[0] == "https://distributor.example/simple"


def test_a_wheel_with_damaged_bytes_is_passed_over(machine: Machine) -> None:
    path = Path(_wheel(machine.stdlib / "ensurepip" / "_bundled", "x"))
    content = bytearray(path.read_bytes())
    start = content.index(b"index.py") + len("index.py")
    content[start : start + 20] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(InputError):
        machine.default()


def test_other_wheels_are_not_opened(machine: Machine) -> None:
    _wheel(machine.stdlib / "ensurepip" / "_bundled", "x", "setuptools-65.0-py3-none-any.whl")
    with pytest.raises(InputError):
        machine.default()


def test_a_wheel_is_opened_once_until_it_changes(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _wheel(machine.stdlib / "ensurepip" / "_bundled", "first")
    machine.default()
    content = Path(path).read_bytes()
    status = os.stat(path)
    Path(path).write_bytes(bytes(len(content)))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert machine.default()[0] == "https://first.example/simple"
    _wheel(machine.stdlib / "ensurepip" / "_bundled", "second")
    assert machine.default()[0] == "https://second.example/simple"


def test_a_wheel_that_says_nothing_is_remembered_too(machine: Machine) -> None:
    path = Path(_wheel(machine.stdlib / "ensurepip" / "_bundled", "x"))
    path.write_bytes(b"")
    with pytest.raises(InputError):
        machine.default()
    assert list(machine.values) == [("default-indexes", str(path))]
    with pytest.raises(InputError):
        machine.default()
