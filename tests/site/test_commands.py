"""Commands: scripts here, launchers there."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from clearway.site.commands import render_commands
from clearway.wheel.entry_points import EntryPoint

if TYPE_CHECKING:
    pass

COMMANDS = [EntryPoint("demo", "demo.cli", "App.main"), EntryPoint("window", "demo", "show", gui=True)]


def test_scripts_call_the_entry_point() -> None:
    ((name, content), (other, _)) = render_commands(COMMANDS, "/venv/bin/python", "linux")
    assert (name, other) == ("demo", "window")
    lines = content.decode().splitlines()
    assert lines[0] == "#!/venv/bin/python"
    assert "from demo.cli import App" in lines
    assert "    sys.exit(App.main())" in lines


@pytest.fixture
def launchers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A stand-in for ``installer``, which is there on Windows alone; gives what it was asked for."""
    asked: list[tuple[str, ...]] = []

    class Script:
        def __init__(self, *what: str) -> None:
            self._what = what

        def generate(self, executable: str, kind: str) -> tuple[str, bytes]:
            asked.append((*self._what, executable, kind))
            return f"{self._what[0]}.exe", b"MZ"

    module = ModuleType("installer.scripts")
    module.Script = Script  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "installer", ModuleType("installer"))
    monkeypatch.setitem(sys.modules, "installer.scripts", module)
    return asked


@pytest.mark.parametrize(
    ("machine", "kind"), [("AMD64", "win-amd64"), ("ARM64", "win-arm64"), ("x86", "win-ia32"), ("", "win-amd64")]
)
def test_windows_gets_launchers(
    launchers: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, machine: str, kind: str
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    made = list(render_commands(COMMANDS, "C:\\venv\\python.exe", "win32"))
    assert made == [("demo.exe", b"MZ"), ("window.exe", b"MZ")]
    assert launchers == [
        ("demo", "demo.cli", "App.main", "console", "C:\\venv\\python.exe", kind),
        ("window", "demo", "show", "gui", "C:\\venv\\python.exe", kind),
    ]
