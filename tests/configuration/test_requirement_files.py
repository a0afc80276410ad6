"""Requirement files, read with all that they include."""

from __future__ import annotations

from pathlib import Path

import pytest

from clearway.configuration.requirement_files import Asked, read_inputs
from clearway.errors import InputError
from clearway.model.inputs import Given, Inputs, Unnamed
from clearway.model.names import normalize

SHA256 = "sha256:" + "a" * 64


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _put(**files: str) -> None:
    for name, content in files.items():
        path = Path(name.replace("__", "/") + ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def _no_network(url: str) -> bytes:
    raise AssertionError(url)


def _read(*names: str, constraints: tuple[str, ...] = (), **environ: str) -> Inputs:
    return read_inputs(Asked(requirement_files=names, constraint_files=constraints), environ, _no_network)


def _stated(inputs: Inputs) -> list[tuple[str, str]]:
    return [(str(stated.requirement), stated.origin) for stated in inputs.requirements]


def _fails(code: str, *names: str, **options: tuple[str, ...]) -> InputError:
    with pytest.raises(InputError) as caught:
        _read(*names, **options)  # type: ignore[arg-type]
    assert caught.value.code == code
    return caught.value


def test_the_command_line_comes_first() -> None:
    _put(one="b\n", two="c\n")
    inputs = read_inputs(Asked(("a>=1", "d"), requirement_files=("one.txt", "two.txt")), {}, _no_network)
    assert _stated(inputs) == [
        ("a>=1", "command line"),
        ("d", "command line"),
        ("b", "-r one.txt, line 1"),
        ("c", "-r two.txt, line 1"),
    ]


def test_nothing_is_nothing() -> None:
    assert read_inputs(Asked(), {}, _no_network) == Inputs()


def test_a_nested_file_is_read_where_it_is_named_and_relative_to_the_one_that_names_it() -> None:
    _put(
        top="first\n-r sub/inner.txt\nlast\n",
        sub__inner="-r deep/deepest.txt\ninner\n-r ../other.txt\n",
        sub__deep__deepest="deepest",
        other="other",
    )
    assert _stated(_read("./top.txt")) == [
        ("first", "-r top.txt, line 1"),
        ("deepest", "-r sub/deep/deepest.txt, line 1"),
        ("inner", "-r sub/inner.txt, line 2"),
        ("other", "-r other.txt, line 1"),
        ("last", "-r top.txt, line 3"),
    ]


def test_files_by_url_of_this_machine(tmp_path: Path) -> None:
    _put(top="-r inner.txt", inner="inner")
    (_, origin), *_ = _stated(_read((tmp_path / "top.txt").as_uri()))
    assert origin.endswith("inner.txt, line 1")


def test_constraint_files() -> None:
    _put(top="a\n-c limits.txt\n", limits="b<2\n-r more.txt\n-c tight.txt", more="c", tight="d==1")
    inputs = _read("top.txt", constraints=("tight.txt",))
    assert _stated(inputs) == [("a", "-r top.txt, line 1"), ("c", "-r more.txt, line 1")]
    assert [(str(stated.requirement), stated.origin) for stated in inputs.constraints] == [
        ("b<2", "-c limits.txt, line 1"),
        ("d==1", "-c tight.txt, line 1"),
        ("d==1", "-c tight.txt, line 1"),
    ]


def test_options(tmp_path: Path) -> None:
    _put(
        sub__top="""\
-i https://me:${TOKEN}@example.com/simple
--extra-index-url https://a.example/simple --extra-index-url https://b.example/simple
--find-links links
--find-links elsewhere
-f https://example.com/links.html
--no-binary :none:
--only-binary :all: --no-binary flask
--pre
--require-hashes
--prefer-binary
""",
        sub__links__note="",
    )
    inputs = _read("sub/top.txt", TOKEN="word")
    assert inputs == Inputs(
        index_url=Given("https://me:word@example.com/simple", "-r sub/top.txt, line 1"),
        extra_index_urls=(
            Given("https://a.example/simple", "-r sub/top.txt, line 2"),
            Given("https://b.example/simple", "-r sub/top.txt, line 2"),
        ),
        find_links=(
            Given(str(tmp_path / "sub" / "links"), "-r sub/top.txt, line 3"),
            Given("elsewhere", "-r sub/top.txt, line 4"),
            Given("https://example.com/links.html", "-r sub/top.txt, line 5"),
        ),
        formats=(("no-binary", ":none:"), ("only-binary", ":all:"), ("no-binary", "flask")),
        pre=True,
        require_hashes=True,
        prefer_binary=True,
    )


def test_the_last_index_wins_and_no_index_is_told() -> None:
    _put(top="-i https://a.example\n-i https://b.example\n--no-index\n")
    inputs = _read("top.txt")
    assert (inputs.index_url, inputs.no_index) == (Given("https://b.example", "-r top.txt, line 2"), True)


def test_hashes() -> None:
    _put(top=f"a==1 \\\n  --hash={SHA256}\nb\n")
    assert [stated.hashes for stated in _read("top.txt").requirements] == [(SHA256,), ()]


def test_source_trees_and_their_options(tmp_path: Path) -> None:
    _put(
        sub__top="""\
-e .[dev] ; os_name == "nt"
-e "./my lib"[a]  # that one
--editable=git+https://me:${TOKEN}@example.com/x#egg=demo --config-settings=a=b -C c=d
-e "demo @ git+https://example.com/x ; os_name == 'nt'"
./lib.zip -C a=b --config-setting a=c
demo==1 --hash=SHA --config-settings "--x=y z"
""".replace("SHA", SHA256),
    )
    for folder in (tmp_path, tmp_path / "my lib"):
        folder.mkdir(exist_ok=True)
        (folder / "pyproject.toml").touch()
    (tmp_path / "lib.zip").touch()
    inputs = _read("sub/top.txt", TOKEN="word")
    lines = [
        (one.origin.rpartition(" ")[2], one.url, "".join(one.extras), one.marker, one.editable, one.settings)
        for one in inputs.unnamed
    ]
    assert lines == [
        ("1", tmp_path.as_uri(), "dev", 'os_name == "nt"', True, ()),
        ("2", (tmp_path / "my lib").as_uri(), "a", "", True, ()),
        ("5", (tmp_path / "lib.zip").as_uri(), "", "", False, (("a", "b"), ("a", "c"))),
    ]
    assert [(str(one.requirement), one.editable, one.settings, one.hashes) for one in inputs.requirements] == [
        ("demo @ git+https://me:word@example.com/x#egg=demo", True, (("a", "b"), ("c", "d")), ()),
        ("demo @ git+https://example.com/x ; os_name == 'nt'", True, (), ()),
        ("demo==1", False, (("--x", "y z"),), (SHA256,)),
    ]


def test_what_is_editable_comes_behind_the_requirements_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    _put(one="b")
    inputs = read_inputs(Asked(("a",), (".[x]", "c @ git+file:///srv/c"), ("one.txt",)), {}, _no_network)
    assert [name.partition(" ")[0] for name, _ in _stated(inputs)] == ["a", "c", "b"]
    assert inputs.unnamed == (Unnamed(tmp_path.as_uri(), "command line", frozenset({normalize("x")}), editable=True),)


def test_a_variable_that_is_not_set_is_left_and_told() -> None:
    _put(top="-i https://${USER_NAME}:${TOKEN}@example.com\na\n${TOKEN}\n")
    assert _read("top.txt", USER_NAME="me", TOKEN="b").notes == ()
    (top,) = Path.cwd().glob("top.txt")
    top.write_text("-i https://${USER_NAME}:${TOKEN}@example.com\n")
    inputs = _read("top.txt", USER_NAME="me", TOKEN="")
    assert inputs.index_url == Given("https://me:${TOKEN}@example.com", "-r top.txt, line 1")
    assert inputs.notes == ("-r top.txt, line 1: ${TOKEN} stays as it is: there is no such variable",)


def test_a_cycle_is_told_with_its_way() -> None:
    _put(one="-r two.txt", two="-c ./one.txt")
    error = _fails("requirements-cycle", "one.txt")
    assert error.message == "-c one.txt is included by itself"
    assert error.context == ("-r one.txt", "-r two.txt")


def test_one_file_may_be_read_twice() -> None:
    _put(one="-r three.txt\n-r three.txt", three="a")
    assert len(_read("one.txt", "three.txt").requirements) == 3


def test_files_that_include_each_other_many_times_over() -> None:
    for number in range(30):
        _put(**{f"f{number}": f"-r f{number + 1}.txt\n-r f{number + 1}.txt\n"})
    _put(f30="")
    assert "More than 500 files" in _fails("requirements-cycle", "f0.txt").message


def test_a_chain_without_end_is_ended() -> None:
    def fetch(url: str) -> bytes:
        return f"-r {int(url.rpartition('/')[2]) + 1}".encode()

    with pytest.raises(InputError) as caught:
        read_inputs(Asked(requirement_files=("http://example.com/1",)), {}, fetch)
    assert caught.value.code == "requirements-cycle"


@pytest.mark.parametrize("name", ["gone.txt", ".", "a\0b"])
def test_a_file_that_cannot_be_read(name: str) -> None:
    assert _fails("unreadable-file", name).message.startswith(f"-r {name} cannot be read")


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("a\nb=1\n", "malformed-requirement", "(-r top.txt, line 2)"),
        ("-e .", "not-a-project", "The folder . is not a project: it has neither pyproject.toml nor setup.py (-r top"),
        ("-e demo", "not-editable", "(-r top.txt, line 1)"),
        ("-e", "malformed-options", "-r top.txt, line 1: -e needs a value"),
        ("--pre -e .", "malformed-options", "-r top.txt, line 1: --editable stands behind other options"),
        ("-e . --pre", "malformed-options", "-r top.txt, line 1: --pre stands beside -e"),
        ("-e . --hash=sha256:00", "malformed-options", "-r top.txt, line 1: --hash stands beside -e"),
        ("-C a=b", "malformed-options", "-r top.txt, line 1: --config-settings stands without a requirement"),
        ("a -C b", "malformed-options", "--config-settings b has no key or no value (-r top.txt, line 1)"),
        ("./project", "no-such-file", "(-r top.txt, line 1)"),
        ("-r one.txt -r two.txt", "malformed-options", "-r top.txt, line 1"),
        ("--hash=sha256:00", "malformed-options", "-r top.txt, line 1"),
        ("a --pre", "malformed-options", "--pre stands beside a requirement"),
        ("a --hash=sha256:00", "malformed-hash", "(-r top.txt, line 1)"),
    ],
)
def test_bad_lines_are_told_with_their_place(content: str, code: str, said: str) -> None:
    _put(top=content)
    assert said in _fails(code, "top.txt").message


def test_a_bad_constraint() -> None:
    _put(top="a[b]")
    _fails("unusable-constraint", constraints=("top.txt",))


class Server:
    """Remote files, and the URLs that were asked for."""

    def __init__(self, **files: str) -> None:
        self.files = {
            f"https://me:secret@example.com/{name.replace('__', '/')}.txt": text for name, text in files.items()
        }
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return self.files[url].encode()


def test_remote_files_name_others_relative_to_themselves() -> None:
    server = Server(sub__top="a\n-r ../other.txt\n-c limits.txt", other="b", sub__limits="c<1")
    inputs = read_inputs(Asked(requirement_files=("https://me:secret@example.com/sub/top.txt",)), {}, server)
    assert _stated(inputs) == [
        ("a", "-r https://****@example.com/sub/top.txt, line 1"),
        ("b", "-r https://****@example.com/other.txt, line 1"),
    ]
    assert inputs.constraints[0].origin == "-c https://****@example.com/sub/limits.txt, line 1"
    assert len(server.asked) == 3


def test_a_local_file_may_name_a_remote_one() -> None:
    _put(top="-r https://me:${WORD}@example.com/top.txt")
    inputs = read_inputs(Asked(requirement_files=("top.txt",)), {"WORD": "secret"}, Server(top="a"))
    assert _stated(inputs) == [("a", "-r https://****@example.com/top.txt, line 1")]


@pytest.mark.parametrize("name", ["file:///etc/passwd", "FILE:/etc/passwd"])
def test_a_remote_file_cannot_name_a_local_one(name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_inputs(Asked(requirement_files=("https://me:secret@example.com/top.txt",)), {}, Server(top=f"-r {name}"))
    assert caught.value.code == "local-file"


def test_links_of_a_remote_file_stay_as_they_are() -> None:
    Path("links").mkdir()
    inputs = read_inputs(
        Asked(requirement_files=("https://me:secret@example.com/top.txt",)), {}, Server(top="-f links")
    )
    assert [given.value for given in inputs.find_links] == ["links"]
