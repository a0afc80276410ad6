"""Builds that fail, lie, hang, or end without a word; nothing of them stays."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from build.trees import BACKEND, EXTENSION, FLIT_DYNAMIC, IN_TREE, C, in_tree, write_tree
from clearway.build import processes
from clearway.build.builder import LocalBuilder
from clearway.errors import BuildError, ClearwayError, IntegrityError, Interrupted
from clearway.ports import Source

if TYPE_CHECKING:
    from build.shed import Shed
    from clearway.model.targets import Environment


def failure(builder: LocalBuilder, source: Source) -> BuildError:
    with pytest.raises(BuildError) as caught:
        builder.wheel(source)
    assert caught.value.exit_status == 6
    return caught.value


def test_missing_header_is_named(builder: LocalBuilder, tmp_path: Path) -> None:
    code = "#include <no/such_header.h>\n" + C
    error = failure(builder, Source(write_tree(tmp_path, {"setup.py": EXTENSION, "demo.c": code}), "demo 1.0"))
    assert error.code == "build-failed"
    assert error.message == (
        "demo 1.0 cannot be built: its build backend setuptools.build_meta:__legacy__ failed to build the wheel"
    )
    assert any("no/such_header.h" in line for line in error.context)
    assert error.hint.startswith("no/such_header.h is missing. Install the development package")


def test_missing_compiler_is_recognised(make_builder: object, target: Environment, shed: Shed, tmp_path: Path) -> None:
    environ = {**os.environ, "CC": "no-such-cc", "LDSHARED": "no-such-cc"}
    builder = make_builder(target, shed, environ)  # type: ignore[operator]
    error = failure(builder, Source(write_tree(tmp_path, {"setup.py": EXTENSION, "demo.c": C}), "demo 1.0"))
    assert error.hint.startswith("A compiler is missing")


def test_traceback_shows_the_project_and_not_the_machinery(builder: LocalBuilder, tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"setup.py": "import numpy_that_is_not_there\n"})
    error = failure(builder, Source(tree, "demo 1.0"))
    assert error.context[-1] == "ModuleNotFoundError: No module named 'numpy_that_is_not_there'"
    assert not any("_in_process.py" in line for line in error.context)
    assert "It needs numpy_that_is_not_there to be built and does not say so" in error.hint
    assert "--no-build-isolation" in error.hint


@pytest.mark.parametrize(
    ("pyproject", "code", "message"),
    [
        ("[build-system]\n", "bad-pyproject", "missing required field `requires`"),
        ("[build-system]\nrequires = 'setuptools'\n", "bad-pyproject", "Expected `array`"),
        ("[build-system]\nrequires = ['!']\n", "bad-pyproject", "its build requirements cannot be read"),
        ("[build-system\n", "bad-pyproject", "is not TOML"),
        ("[build-system]\nrequires = []\nbuild-backend = 'a b'\n", "bad-pyproject", "is not the name of an object"),
        (IN_TREE.replace("tools", "../tools"), "bad-pyproject", "backend-path '../tools' is not a folder inside"),
        (IN_TREE.replace("tools", "/"), "bad-pyproject", "backend-path '/' is not a folder inside"),
        (IN_TREE.replace("tools", "missing"), "bad-pyproject", "is not a folder inside"),
        (IN_TREE.replace('"backend"', '"no_such.module"'), "no-backend", "no_such.module cannot be imported"),
    ],
)
def test_pyproject_that_says_nothing_useful(
    builder: LocalBuilder, tmp_path: Path, pyproject: str, code: str, message: str
) -> None:
    (tmp_path / "tools").mkdir()
    tree = write_tree(tmp_path / "tree", {"pyproject.toml": pyproject, "tools/backend.py": ""})
    error = failure(builder, Source(tree, "demo"))
    assert error.code == code
    assert message in error.message


def test_folder_without_a_project(builder: LocalBuilder, tmp_path: Path) -> None:
    assert failure(builder, Source(str(tmp_path), "./demo")).code == "not-a-project"


@pytest.mark.parametrize(
    ("backend", "code"),
    [
        ("import os\nos._exit(0)", "bad-answer"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "build-failed"),
        ("def build_wheel(*args): return '../demo-1.0-py3-none-any.whl'", "bad-answer"),
        ("def build_wheel(*args): return ['demo-1.0-py3-none-any.whl']", "bad-answer"),
        ("def build_wheel(*args): return 'demo-1.0-py3-none-any.whl'", "bad-answer"),
        ("def get_requires_for_build_wheel(*args): return ['!']", "bad-answer"),
        ("def get_requires_for_build_wheel(*args): return {'a': 1}", "bad-answer"),
        ("def get_requires_for_build_wheel(*args): raise SystemExit(3)", "build-failed"),
    ],
)
def test_backend_that_lies(builder: LocalBuilder, tmp_path: Path, backend: str, code: str) -> None:
    assert failure(builder, Source(in_tree(tmp_path, backend), "demo")).code == code


def test_backend_without_editable_wheels(builder: LocalBuilder, tmp_path: Path) -> None:
    error = failure(builder, Source(in_tree(tmp_path), "demo", editable=True))
    assert error.code == "no-editable"
    assert "--editable" in error.hint


def test_wheel_that_lies_is_refused(builder: LocalBuilder, tmp_path: Path) -> None:
    backend = BACKEND.replace("wheel.writestr(path, text)", "wheel.writestr(path, text + ' ')").replace(
        '"demo-1.0.dist-info/METADATA": "', '"demo-1.0.dist-info/METADATA": "Name: other\\n'
    )
    with pytest.raises(IntegrityError) as caught:
        builder.wheel(Source(in_tree(tmp_path, backend), "demo"))
    assert caught.value.code == "wrong-wheel"


def test_failing_provision_fails_the_build(make_builder: object, target: Environment, tmp_path: Path) -> None:
    class Broken:
        def provide(self, *_: object) -> None:
            raise ClearwayError("refused", "flit_core was refused")

        def stop(self) -> None: ...

    tree = write_tree(tmp_path, {"pyproject.toml": FLIT_DYNAMIC})
    with pytest.raises(ClearwayError, match="flit_core was refused"):
        make_builder(target, Broken()).metadata(Source(tree, "demo"))  # type: ignore[operator]


def test_key_of_endless_parts_is_not_read(builder: LocalBuilder, tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"pyproject.toml": f"{'a.' * 16_000}a = 1\n"})
    with pytest.raises(BuildError, match="a key of more than a hundred parts"):
        builder.metadata(Source(tree, "demo"))


HANGING = """\
import os, signal, socket, subprocess, sys
def build_wheel(*args):
    {first}
    child = "import socket, sys, time; s = socket.create_connection(('127.0.0.1', {port})); time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", child])
    connection = socket.create_connection(("127.0.0.1", {port}))
    open(os.path.join(os.environ["TMPDIR"], "left-behind"), "w").close()
    signal.pause()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of processes")
@pytest.mark.parametrize("first", ["pass", "signal.signal(signal.SIGINT, signal.SIG_IGN)"])
def test_hanging_build_is_ended_with_all_its_processes(
    builder: LocalBuilder, tmp_path: Path, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.2)
    raised: list[BaseException] = []

    def build() -> None:
        try:
            builder.wheel(source)
        except ClearwayError as error:
            raised.append(error)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        backend = HANGING.format(port=server.getsockname()[1], first=first)
        source = Source(in_tree(tmp_path / "tree", backend), "demo")
        thread = Thread(target=build)
        thread.start()
        connections = [server.accept()[0] for _ in range(2)]
        builder.stop()
        thread.join(20)
        for connection in connections:
            connection.settimeout(20)
            assert connection.recv(1) == b""  # its process is gone
            connection.close()
    assert [type(error) for error in raised] == [Interrupted]
    with pytest.raises(Interrupted):
        builder.wheel(Source(in_tree(tmp_path / "later"), "later"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals of processes")
def test_what_a_build_leaves_running_is_ended(builder: LocalBuilder, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        start = (
            "import subprocess, sys\n"
            "child = \"import socket, time; s = socket.create_connection(('127.0.0.1', PORT)); print('up', flush=True);"
            ' time.sleep(600)"\n'
            "left = subprocess.Popen([sys.executable, '-c', child], stdout=subprocess.PIPE)\n"
            "left.stdout.readline()\n"
        ).replace("PORT", str(server.getsockname()[1]))
        builder.wheel(Source(in_tree(tmp_path, start + BACKEND), "demo"))
        for _ in ("requires", "build"):
            connection = server.accept()[0]
            connection.settimeout(20)
            assert connection.recv(1) == b""
            connection.close()


def test_endless_output_is_bounded(builder: LocalBuilder, tmp_path: Path) -> None:
    backend = (
        "import sys\nfor n in range(40000): print(n, 'x' * 60)\nprint('\\x1b[31mlast\\x1b[0m \\x07')\nsys.exit(1)\n"
    )
    error = failure(builder, Source(in_tree(tmp_path, backend), "demo"))
    assert error.context[-1] == "last ?"
    assert len(error.context) <= 17


def test_stop_before_anything(builder: LocalBuilder, tmp_path: Path) -> None:
    builder.stop()
    with pytest.raises(Interrupted):
        builder.wheel(Source(in_tree(tmp_path), "demo"))
    assert not Path(tmp_path, "builds.log").exists()
