"""The order of the sources, and what is asked when a credential was not accepted."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from clearway.errors import CredentialWanted, IndexFailure
from clearway.index.routing import make_index
from clearway.model.inputs import Given
from clearway.model.secrets import Credential, Secret
from clearway.secrets import answers
from clearway.secrets import commands as sources_commands
from clearway.secrets.sources import MOST_QUESTIONS, Secrets, Want
from clearway.settings.settings import ConfiguredIndex, Particulars
from support.keyrings import FakeKeyring

if TYPE_CHECKING:
    from pathlib import Path

    from clearway.index.records import Index
    from clearway.secrets.keyrings import Provider

URL = "https://packages.example.com/corp/simple/"
HOST = "packages.example.com"
TOKEN = "CLEARWAY_INDEX_CORP_TOKEN"


class Someone:
    """Answers what it is told to (see :class:`clearway.secrets.prompt.Person`)."""

    def __init__(self, *answers: tuple[str, str], saves: bool = False) -> None:
        self.answers = list(answers)
        self.saves = saves
        self.questions: list[tuple[str, str]] = []

    def ask(self, index: Index, username: str) -> tuple[str, Secret] | None:
        self.questions.append((index.name, username))
        if not self.answers:
            return None
        user, password = self.answers.pop(0)
        return username or user, Secret(password)

    def agrees_to_save(self) -> bool:
        return self.saves


class World:
    """One index, and all that may know its credential."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.keyring = FakeKeyring(root)
        self.environ = {**os.environ, "HOME": str(root), "PATH": f"{self.keyring.commands}:{os.environ['PATH']}"}
        self.warnings: list[str] = []

    def secrets(
        self, *, person: Someone | None = None, provider: Provider = "subprocess", no_input: bool = False
    ) -> Secrets:
        return Secrets(self.environ, self.warnings.append, provider=provider, person=person, no_input=no_input)

    def netrc(self, login: str, password: str) -> None:
        path = self.root / ".netrc"
        path.write_text(f"machine {HOST} login {login} password {password}\n")
        path.chmod(0o600)

    def command(self, name: str, text: str) -> tuple[str, ...]:
        """Return a command that counts how often it is run."""
        script = self.root / name
        script.write_text(f"import json, os, sys, time\nopen({str(script)!r} + '.runs', 'a').write('x')\n{text}\n")
        return sys.executable, str(script)

    def runs(self, name: str) -> int:
        path = self.root / f"{name}.runs"
        return len(path.read_text()) if path.exists() else 0


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def want(url: str = URL, *, named: bool = True, name: str = "corp", **table: Any) -> Want:
    own = ConfiguredIndex(name, Given(url, "own.toml"), particulars=Particulars(**table), vouched=url)
    index = make_index(url, name=name if named else "", source="its URL")
    return Want(index, is_complete=":" in url.rpartition("@")[0][8:], own=own if named else None)


def sent(index: Index) -> tuple[str, str, str, str] | None:
    one = index.credential
    return None if one is None else (one.scheme, one.username, one.password.reveal(), one.source)


def fill(secrets: Secrets, wanted: Want) -> tuple[str, str, str, str] | None:
    (index,) = secrets.fill([wanted])
    return sent(index)


def refused(index: Index) -> CredentialWanted:
    username = index.credential.username if index.credential else ""
    return CredentialWanted("no", index=index.name, url=index.url, username=username, hint="check it")


def again(secrets: Secrets, wanted: Want) -> tuple[str, str, str, str] | bool | None:
    """Let the server refuse what is sent; return what is sent then, or False if nothing else is known."""
    (index,) = secrets.fill([wanted])
    return fill(secrets, wanted) if secrets.look_further(refused(index)) else False


def test_the_order(world: World) -> None:
    """Everything is there; the sources are taken away one by one, the strongest first."""
    command = world.command("password", "print('from command')")
    table = {"username": "zoe", "password_command": command, "keyring": True}
    world.environ[TOKEN] = "from variable"
    world.netrc("zoe", "from-netrc")
    world.keyring.keep(URL, "zoe", "from keyring")
    with_all = want(URL.replace("://", "://zoe:from%20url@"), **table)
    assert fill(world.secrets(), with_all) == ("basic", "zoe", "from url", "its URL")
    assert fill(world.secrets(), want(**table)) == ("basic", "zoe", "from variable", TOKEN)
    del world.environ[TOKEN]
    assert world.runs("password") == 0
    said = ("basic", "zoe", "from command", "the password-command of corp")
    assert fill(world.secrets(), want(**table)) == said
    del table["password_command"]
    netrc = str(world.root / ".netrc")
    assert fill(world.secrets(), want(**table)) == ("basic", "zoe", "from-netrc", netrc)
    (world.root / ".netrc").unlink()
    assert world.keyring.asked == []
    assert fill(world.secrets(), want(**table)) == ("basic", "zoe", "from keyring", "the keyring")
    person = Someone(("", "from person"))
    assert fill(world.secrets(person=person), want(username="eve")) == ("basic", "eve", "from person", "your answer")
    assert fill(world.secrets(), want(username="eve")) == ("basic", "eve", "", "its user name alone")
    assert fill(world.secrets(person=Someone(("ann", "x"))), want()) is None


def test_nobody_is_asked_before_the_first_request_where_no_user_is_known(world: World) -> None:
    world.keyring.keep(URL, "ann", "k")
    person = Someone(("ann", "p"))
    assert fill(world.secrets(person=person), want()) is None
    assert (world.keyring.asked, person.questions) == ([], [])


def test_an_index_by_url_has_no_variables_and_no_table(world: World) -> None:
    world.environ[TOKEN] = "t"
    world.netrc("zoe", "n")
    assert fill(world.secrets(), want(named=False)) == ("basic", "zoe", "n", str(world.root / ".netrc"))


def test_an_anonymous_index_gets_nothing(world: World) -> None:
    world.environ[TOKEN] = "t"
    world.netrc("zoe", "n")
    world.keyring.keep(URL, "zoe", "k")
    person = Someone(("ann", "p"))
    secrets = world.secrets(person=person)
    wanted = want(anonymous=True)
    assert fill(secrets, wanted) is None
    assert again(secrets, wanted) is False
    assert (world.keyring.asked, person.questions) == ([], [])
    explained = secrets.explain(refused(wanted.index))
    assert explained.context == ("it is anonymous: nothing was asked for a credential",)


def test_an_empty_password_is_one(world: World) -> None:
    person = Someone(("ann", "p"))
    wanted = want(URL.replace("://", "://token:@"))
    assert fill(world.secrets(person=person), wanted) == ("basic", "token", "", "its URL")
    assert person.questions == []


def test_a_folder_has_no_credential(world: World) -> None:
    world.netrc("zoe", "n")
    folder = Want(make_index(str(world.root)))
    assert fill(world.secrets(), folder) is None


def test_a_user_of_the_url_is_looked_up(world: World) -> None:
    world.keyring.keep(HOST, "ann", "a")
    world.keyring.keep(HOST, "bob", "b")
    named = [want(URL.replace("://", f"://{user}@"), named=False) for user in ("bob", "ann")]
    found = world.secrets().fill(named)
    assert [sent(index) for index in found] == [
        ("basic", "bob", "b", "the keyring"),
        ("basic", "ann", "a", "the keyring"),
    ]


def test_a_helper_gets_the_url_and_is_asked_once(world: World) -> None:
    helper = world.command("helper", "print(json.dumps({'token': sys.argv[-1]}))")
    wanted = want(credential_helper=(*helper, "more"))
    secrets = world.secrets()
    said = ("bearer", "", URL, "the credential-helper of corp")
    assert [fill(secrets, wanted) for _ in range(3)] == [said] * 3
    assert again(secrets, wanted) is False
    assert world.runs("helper") == 1


def test_a_credential_that_has_ended_is_asked_for_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"username": "zoe", "password": "p", "expires": 600}
    helper = world.command("helper", f"print(json.dumps({answer!r}))")
    wanted = want(credential_helper=helper)
    secrets = world.secrets()
    (index,) = secrets.fill([wanted])
    assert not secrets.look_further(refused(index))
    now = time.time()
    monkeypatch.setattr(answers.time, "time", lambda: now + 590)
    assert secrets.look_further(refused(index))
    assert fill(secrets, wanted) == ("basic", "zoe", "p", "the credential-helper of corp")
    assert world.runs("helper") == 2
    assert not secrets.look_further(refused(index))


def test_commands_are_run_at_once(world: World) -> None:
    """Each waits until the other one has begun: one after the other they would never end."""
    wants = []
    for name, other in (("one", "two"), ("two", "one")):
        text = f"while not os.path.exists({str(world.root / other)!r} + '.runs'): time.sleep(0.01)\nprint('done')"
        wants.append(want(name=name, username="zoe", password_command=world.command(name, text)))
    assert [sent(index) for index in world.secrets().fill(wants)] == [
        ("basic", "zoe", "done", f"the password-command of {name}") for name in ("one", "two")
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sys.exit('first\\nlocked: unlock it')", "failed with status 1: locked: unlock it"),
        ("sys.exit(3)", "failed with status 3"),
        ("print('s3cret'); print('s3cret')", "printed more than one line"),
        ("pass", "printed nothing"),
    ],
)
def test_a_command_that_fails(world: World, text: str, says: str) -> None:
    bad = want(name="bad", username="zoe", password_command=world.command("bad", text))
    with pytest.raises(IndexFailure) as failure:
        world.secrets().fill([bad])
    assert failure.value.code == "credential-command"
    assert failure.value.message == f"the password-command of bad {says}"
    assert "s3cret" not in f"{failure.value.context}{failure.value.hint}"


def test_a_command_that_cannot_be_run_ends_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Watched(sources_commands.Running):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            started.append(self)

    monkeypatch.setattr(sources_commands, "Running", Watched)
    wants = [
        want(name="slow", username="zoe", password_command=world.command("slow", "time.sleep(600)")),
        want(name="bad", credential_helper=(str(world.root / "nothing"),)),
    ]
    with pytest.raises(IndexFailure, match="the credential-helper of bad cannot be run: No such file"):
        world.secrets().fill(wants)
    assert [one._process.poll() is not None for one in started] == [True]


def test_a_password_for_nobody(world: World) -> None:
    with pytest.raises(IndexFailure, match="there is no user name"):
        world.secrets().fill([want(password_command=world.command("password", "print('p')"))])
    assert world.runs("password") == 0


# -- after a 401 -------------------------------------------------------------------------------------------------------


def test_the_keyring_and_then_the_person(world: World) -> None:
    world.keyring.keep(HOST, "ann", "k")
    person = Someone(("bob", "1"), ("cyd", "2"), ("dan", "3"), ("eve", "4"))
    secrets, wanted = world.secrets(person=person), want()
    assert again(secrets, wanted) == ("basic", "ann", "k", "the keyring")
    assert again(secrets, wanted) == ("basic", "bob", "1", "your answer")
    assert again(secrets, wanted) == ("basic", "cyd", "2", "your answer")
    assert again(secrets, wanted) == ("basic", "dan", "3", "your answer")
    assert again(secrets, wanted) is False
    assert person.questions == [("corp", "")] * MOST_QUESTIONS
    assert world.warnings == ["corp did not accept that"] * 2
    (index,) = secrets.fill([wanted])
    command = f"the keyring command {world.keyring.commands}/keyring"
    assert secrets.explain(refused(index)).context == (f"asked for one: CLEARWAY_INDEX_CORP_*; {command}; you",)


def test_who_gives_no_answer_is_not_asked_again(world: World) -> None:
    person = Someone()
    secrets, wanted = world.secrets(person=person), want()
    assert [again(secrets, wanted) for _ in range(2)] == [False, False]
    assert len(person.questions) == 1


def test_what_netrc_says_is_not_final(world: World) -> None:
    """It is there for a whole host; the index may want somebody else."""
    world.netrc("zoe", "n")
    world.keyring.keep(URL, "ann", "k")
    secrets, wanted = world.secrets(), want()
    assert fill(secrets, wanted) == ("basic", "zoe", "n", str(world.root / ".netrc"))
    assert again(secrets, wanted) == ("basic", "ann", "k", "the keyring")
    assert again(secrets, wanted) is False


def test_the_same_again_is_nothing_new(world: World) -> None:
    world.netrc("ann", "k")
    world.keyring.keep(URL, "ann", "k")
    assert again(world.secrets(), want()) is False


@pytest.mark.parametrize("stated", ["url", "variable", "command"])
def test_what_is_stated_is_not_replaced(world: World, stated: str) -> None:
    world.keyring.keep(URL, "ann", "k")
    world.environ |= {TOKEN: "t"} if stated == "variable" else {}
    command = world.command("c", "print('p')") if stated == "command" else ()
    wanted = want(URL.replace("://", "://a:b@") if stated == "url" else URL, username="zoe", password_command=command)
    secrets = world.secrets(person=Someone(("ann", "p")))
    (index,) = secrets.fill([wanted])
    assert not secrets.look_further(refused(index))
    assert secrets.explain(refused(index)).context == ()
    assert world.keyring.asked == []


@pytest.mark.parametrize(
    ("provider", "no_input", "keyring", "asked"),
    [
        ("subprocess", False, False, True),
        ("subprocess", True, False, True),
        ("auto", True, True, True),
        ("auto", False, False, True),
        ("auto", True, False, False),
        ("disabled", False, False, False),
        ("disabled", False, True, False),
    ],
)
def test_whether_the_keyring_is_asked(
    world: World, provider: Provider, no_input: bool, keyring: bool, asked: bool
) -> None:
    secrets, wanted = world.secrets(provider=provider, no_input=no_input), want(keyring=keyring)
    again(secrets, wanted)
    assert bool(world.keyring.asked) == asked
    nobody = "nobody, because of --no-input" if no_input else "nobody, for want of a terminal"
    explained = secrets.explain(refused(wanted.index))
    assert nobody in explained.context[0]
    assert "by a variable, a command, netrc or a keyring" in explained.hint


def test_two_indexes_at_one_place(world: World) -> None:
    """What is found for one is not the other's."""
    world.keyring.keep(URL, "bob", "b")
    secrets = world.secrets()
    given = [want(URL.replace("://", "://ann:a@"), named=False), want(named=False)]
    ann, nobody = secrets.fill(given)
    assert not secrets.look_further(refused(ann))
    assert secrets.look_further(refused(nobody))
    assert [sent(one) for one in secrets.fill(given)] == [
        ("basic", "ann", "a", "its URL"),
        ("basic", "bob", "b", "the keyring"),
    ]
    stranger = CredentialWanted("no", index="other", url=URL)
    assert not secrets.look_further(stranger)
    assert secrets.explain(stranger) is stranger


@pytest.mark.parametrize("by_name_first", [True, False])
def test_one_index_by_name_and_by_url(world: World, by_name_first: bool) -> None:
    """At the URL of a configured index it is called as that one; what its name has stays with the name."""
    world.environ[TOKEN] = "t"
    by_name = want()
    by_url = Want(by_name.index)
    order = [by_name, by_url] if by_name_first else [by_url, by_name]
    found = dict(zip(order, map(sent, world.secrets().fill(order)), strict=True))
    assert found == {by_name: ("bearer", "", "t", TOKEN), by_url: None}


def test_what_is_accepted_is_saved_if_the_person_wants(world: World) -> None:
    for saves in (False, True):
        secrets, wanted = world.secrets(person=Someone(("ann", "wrong"), ("ann", "right"), saves=saves)), want()
        assert again(secrets, wanted) == ("basic", "ann", "wrong", "your answer")
        assert world.keyring.kept == {}
        assert again(secrets, wanted) == ("basic", "ann", "right", "your answer")
        secrets.accept()
        secrets.accept()
        assert world.keyring.kept == ({URL: {"ann": "right"}} if saves else {})
    assert sum(words[0] == "set" for words in world.keyring.words) == 1


def test_without_a_keyring_nobody_is_asked_to_save(world: World) -> None:
    person = Someone(("ann", "p"), saves=True)
    secrets = world.secrets(person=person, provider="disabled")
    assert again(secrets, want()) == ("basic", "ann", "p", "your answer")
    secrets.accept()
    assert world.keyring.kept == {}


def test_credentials_are_equal_by_what_they_send() -> None:
    one = Credential("ann", Secret("p"), "here")
    assert one == Credential("ann", Secret("p"), "there")
    assert hash(one) == hash(Credential("ann", Secret("p"), "there"))
    assert one != Credential("ann", Secret("p"), "here", "bearer")
    assert one != Credential("ann", Secret("q"), "here")
    assert "p" not in {repr(one.password), str(one.password), f"{one.password!s:>4}"}
    assert repr(one) == "Credential(****, from here)"
    with pytest.raises(TypeError):
        one.__reduce__()
    with pytest.raises(TypeError):
        json.dumps(one)
