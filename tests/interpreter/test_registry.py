"""The registry of Windows, as a tree of keys in memory."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from clearway.interpreter.registry import registered

if TYPE_CHECKING:
    from collections.abc import Iterator


class FakeRegistry:
    """Values by the paths of their keys."""

    HKEY_CURRENT_USER = "user"
    HKEY_LOCAL_MACHINE = "machine"

    def __init__(self, entries: dict[str, dict[str | None, str]]) -> None:
        self._entries = entries

    @contextmanager
    def OpenKey(self, key: str, sub_key: str) -> Iterator[str]:
        path = f"{key}\\{sub_key}"
        if not any(f"{entry}\\".startswith(f"{path}\\") for entry in self._entries):
            raise FileNotFoundError(path)
        yield path

    def EnumKey(self, key: str, index: int) -> str:
        below = [path.removeprefix(f"{key}\\") for path in self._entries if path.startswith(f"{key}\\")]
        names = sorted({path.partition("\\")[0] for path in below})
        if index >= len(names):
            raise OSError("no more data")
        return names[index]

    def QueryValueEx(self, key: str, name: str | None) -> tuple[Any, int]:
        try:
            return self._entries[key][name], 1
        except KeyError:
            raise FileNotFoundError(name) from None


def _key(root: str, company: str, tag: str) -> str:
    return f"{root}\\Software\\Python\\{company}\\{tag}\\InstallPath"


@pytest.fixture
def there(tmp_path: Path) -> Path:
    for name in ("own", "other", "conda", "old", "small", "threads"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "python.exe").touch()
    return tmp_path


def _registry(there: Path) -> FakeRegistry:
    return FakeRegistry(
        {
            _key("machine", "PythonCore", "3.12"): {"ExecutablePath": str(there / "other" / "python.exe")},
            _key("machine", "PythonCore", "3.9"): {None: str(there / "old")},
            _key("machine", "PythonCore", "3.11-32"): {"ExecutablePath": str(there / "small" / "python.exe")},
            _key("user", "PythonCore", "3.13t"): {"ExecutablePath": str(there / "threads" / "python.exe")},
            _key("user", "Anaconda", "3.12"): {"ExecutablePath": str(there / "conda" / "python.exe")},
            _key("user", "PythonCore", "3.12"): {"ExecutablePath": str(there / "own" / "python.exe")},
            _key("user", "PythonCore", "3.10"): {"ExecutablePath": str(there / "gone" / "python.exe")},
        }
    )


@pytest.mark.parametrize(
    ("version", "folder"),
    [("3.12", "own"), ("3.9", "old"), ("3.11", "small"), ("3.13t", "threads"), ("3", "own"), ("3.10", ""), ("3.8", "")],
)
def test_by_version(there: Path, version: str, folder: str) -> None:
    found = registered(version, _registry(there))
    assert found == (str(there / folder / "python.exe") if folder else "")


def test_another_company_where_python_has_none(there: Path) -> None:
    path = str(there / "conda" / "python.exe")
    assert registered("3.12", FakeRegistry({_key("user", "Anaconda", "3.12"): {"ExecutablePath": path}})) == path


def test_nothing_is_registered() -> None:
    assert registered("3.12", FakeRegistry({})) == ""
    assert registered("3.12") == ""
