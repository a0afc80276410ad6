"""The sources of credentials, in their order, for each index apart (DESIGN 4.7).

Before the first request the first source that gives something wins: user info in the index's URL, the variables of its
name, the commands of its table, netrc, the keyring (where the table says so, or a user is known), and where a user name
alone is known, the person at the terminal. Nothing is tried out: a credential goes along with the first request.

A run has fixed credentials. When one is not accepted (401), :meth:`Secrets.look_further` asks what is left: a helper
whose credential has ended meanwhile, the keyring, the person. If that gives something, the command begins again with
it. What somebody has stated for this very index is not replaced by a guess: that it is wrong is for them to know.
"""

from __future__ import annotations

import os
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from clearway.errors import CredentialWanted, IndexFailure
from clearway.index.records import Index
from clearway.model.secrets import Credential, Secret
from clearway.model.urls import mask
from clearway.secrets.netrc import Netrc
from clearway.settings.settings import ConfiguredIndex, Particulars

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clearway.secrets.answers import Answer
    from clearway.secrets.commands import CommandFault, Result, Running
    from clearway.secrets.keyrings import Keyring, Provider
    from clearway.secrets.prompt import Person

MOST_QUESTIONS = 3
"""How often a person is asked for one index."""
_NOTHING = Particulars()
_NOBODY = "prints a password, but there is no user name: add username to its table"


class Want(msgspec.Struct, frozen=True):
    """An index that may need a credential.

    :param index: as it was made: with the credential of its URL, if there is one.
    :param is_complete: whether that is one with a password, be it empty.
    :param own: its tables, if it was meant by its name.
    """

    index: Index
    is_complete: bool = False
    own: ConfiguredIndex | None = None


class _Search:
    """How far the search for one index has come.

    :ivar username: who the credential has to be for, where that is stated.
    :ivar stated: somebody has said which credential is meant.
    :ivar answer: what the table's command answered.
    :ivar asked: what was asked, for people.
    """

    def __init__(self, want: Want) -> None:
        self.want = want
        self.table = want.own.particulars if want.own is not None else _NOTHING
        self.credential = want.index.credential
        self.username = self.credential.username if self.credential is not None else ""
        self.stated = want.is_complete or self.table.anonymous or want.index.url.startswith("file:")
        self.answer: Answer | None = None
        self.asked: list[str] = []
        self.keyring_asked = False
        self.questions = 0
        self.to_save = False

    @property
    def has_command(self) -> bool:
        """Whether the table's command has to be run, or run again."""
        if self.answer is not None:
            return self.answer.is_over
        return not self.stated and bool(self.table.password_command or self.table.credential_helper)

    def is_for(self, wanted: CredentialWanted) -> bool:
        """Whether this is the index that wants a credential: of several at one place, that of the same user."""
        username = self.credential.username if self.credential is not None else ""
        index = self.want.index
        return (index.name, index.url, username) == (wanted.index, wanted.url, wanted.username)


class Secrets:
    """Finds the credentials of the indexes of one run, and remembers them until it ends.

    :param environ: the environment variables.
    :param warn: told what people should know.
    :param person: who can be asked, if anybody can.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        warn: Callable[[str], None],
        *,
        provider: Provider = "auto",
        person: Person | None = None,
        no_input: bool = False,
    ) -> None:
        self._environ = environ
        self._warn = warn
        self._provider: Provider = provider
        self._person = person
        self._no_input = no_input
        self._netrc = Netrc(environ, warn)
        self._searches: dict[tuple[str, str, Credential | None, bool], _Search] = {}
        self._filling = Lock()  # builds look up credentials too, in threads of their own

    def fill(
        self, wants: Sequence[Want], failed: Callable[[Index, IndexFailure], None] | None = None
    ) -> tuple[Index, ...]:
        """Return the indexes, each with its credential if one is found. What was found before is not looked up again.

        :param failed: told of an index whose command has failed, which is then left without a credential; else raised.
        :raises IndexFailure: ``credential-command``.
        :raises InputError: what is wrong with the variables of a name.
        """
        with self._filling:
            return self._filled(wants, failed)

    def _filled(self, wants: Sequence[Want], failed: Callable[[Index, IndexFailure], None] | None) -> tuple[Index, ...]:
        begun = []
        searches = []
        for want in wants:
            key = (want.index.name, want.index.url, want.index.credential, want.own is not None)
            search = self._searches.get(key)
            if search is None:
                search = self._searches[key] = _Search(want)
                begun.append(search)
            searches.append(search)
        for search in begun:
            if not search.stated and search.want.own is not None:
                self._ask_variables(search, search.want.own)
        self._ask_commands([search for search in searches if search.has_command], failed)
        for search in begun:
            if not search.stated:
                self._ask_what_is_kept(search)
        return tuple(msgspec.structs.replace(one.want.index, credential=one.credential) for one in searches)

    def look_further(self, wanted: CredentialWanted) -> bool:
        """Ask the sources that are left for another credential; whether there is one to begin again with."""
        search = self._of(wanted)
        if search is None:
            return False
        if search.answer is not None and search.answer.is_over:
            return True  # the next fill() runs its command again
        return not search.stated and (self._ask_keyring(search) or self._ask_person(search))

    def explain(self, wanted: CredentialWanted) -> CredentialWanted:
        """Return the failure with what was asked in vain, and what can be done."""
        search = self._of(wanted)
        if search is None or (search.stated and not search.table.anonymous):
            return wanted
        asked = list(search.asked)
        if search.table.anonymous:
            line = "it is anonymous: nothing was asked for a credential"
        else:
            if self._person is None:
                asked.append("nobody, because of --no-input" if self._no_input else "nobody, for want of a terminal")
            line = f"asked for one: {'; '.join(asked)}"
        hint = wanted.hint
        if search.credential is None:
            hint = "Put user info into its URL, or give it a credential by a variable, a command, netrc or a keyring."
        return CredentialWanted(
            wanted.message,
            index=wanted.index,
            url=wanted.url,
            username=wanted.username,
            context=(*wanted.context, line),
            hint=hint,
        )

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """What was found so far."""
        searches = tuple(self._searches.values())  # workers ask, too
        return tuple(search.credential for search in searches if search.credential is not None)

    def accept(self) -> None:
        """Keep what people have given and want kept: it was accepted."""
        for search in tuple(self._searches.values()):
            if search.to_save and search.credential is not None:
                search.to_save = False
                self._keyring.save(search.want.index.url, search.credential.username, search.credential.password)

    @cached_property
    def _keyring(self) -> Keyring:
        from clearway.secrets.keyrings import Keyring  # late: most runs ask no keyring

        return Keyring(self._provider, self._environ, self._warn)

    def _of(self, wanted: CredentialWanted) -> _Search | None:
        return next((one for one in tuple(self._searches.values()) if one.is_for(wanted)), None)

    # -- what is stated ------------------------------------------------------------------------------------------------

    def _ask_variables(self, search: _Search, own: ConfiguredIndex) -> None:
        from clearway.secrets.variables import prefix_of, read_variables  # late: only for indexes with a name

        search.asked.append(f"{prefix_of(own.name)}_*")
        bound = read_variables(own, search.want.index.url, search.username, self._environ)
        search.username = bound.username or own.particulars.username
        if bound.credential is not None:
            search.credential, search.stated = bound.credential, True

    def _ask_commands(self, searches: Sequence[_Search], failed: Callable[[Index, IndexFailure], None] | None) -> None:
        """Run the commands of some indexes, all at once."""
        if not searches:
            return
        from clearway.secrets.commands import CommandFault, Running  # late: few tables have a command

        running: list[tuple[_Search, Running]] = []
        try:
            for search in searches:
                try:
                    if search.table.password_command and not search.username:
                        raise CommandFault(_NOBODY)
                    running.append((search, Running(self._words(search), self._environ)))
                except CommandFault as fault:
                    self._give_up(search, fault, failed)
            for search, one in running:
                try:
                    self._take_answer(search, one.result())
                except CommandFault as fault:
                    self._give_up(search, fault, failed)
        finally:
            for _, one in running:
                one.stop()

    def _take_answer(self, search: _Search, result: Result) -> None:
        """Take what a command has printed.

        :raises CommandFault: it has failed, or has printed no credential.
        """
        from clearway.secrets.answers import read_answer, read_password
        from clearway.secrets.commands import CommandFault

        if result.status:
            raise CommandFault(_failed(result))
        read = read_password if search.table.password_command else read_answer
        search.answer = read(result.out, search.username, self._command_of(search))
        search.credential, search.stated = search.answer.credential, True

    def _give_up(
        self, search: _Search, fault: CommandFault, failed: Callable[[Index, IndexFailure], None] | None
    ) -> None:
        """Tell that the command of an index has failed; nobody else is asked in its place.

        :raises IndexFailure: ``credential-command`` when there is nobody to tell.
        """
        failure = IndexFailure(
            "credential-command",
            f"{self._command_of(search)} {fault}",
            hint="Run it yourself to see what it prints: a password alone, or for a helper JSON.",
        )
        if failed is None:
            raise failure from None
        search.stated = True
        failed(search.want.index, failure)

    def _words(self, search: _Search) -> tuple[str, ...]:
        table = search.table
        words = table.password_command or (*table.credential_helper, search.want.index.url)
        return (os.path.expanduser(words[0]), *words[1:])

    def _command_of(self, search: _Search) -> str:
        kind = "password-command" if search.table.password_command else "credential-helper"
        return f"the {kind} of {search.want.index.name}"

    # -- what is kept --------------------------------------------------------------------------------------------------

    def _ask_what_is_kept(self, search: _Search) -> None:
        """Ask netrc; then, if it is told to or knows whom to ask for, the keyring; then the person."""
        found = self._netrc.find(search.want.index.url, search.username)
        if self._netrc.path:
            search.asked.append(self._netrc.path)
        if found is not None:
            search.credential = found
            return
        if (search.table.keyring or search.username) and self._ask_keyring(search):
            return
        if search.username and not self._ask_person(search):
            search.credential = Credential(search.username, Secret(""), "its user name alone")

    def _ask_keyring(self, search: _Search) -> bool:
        """Ask the keyring, once. Without anybody to unlock it, it has to be asked for by name, as pip has it."""
        by_name = self._provider in {"import", "subprocess"} or search.table.keyring
        if search.keyring_asked or self._provider == "disabled" or (self._no_input and not by_name):
            return False
        search.keyring_asked = True
        found = self._keyring.find(search.want.index.url, search.username)
        search.asked.append(self._keyring.name or "no keyring, since there is none")
        if found is None or found == search.credential:
            return False
        search.credential = found
        return True

    def _ask_person(self, search: _Search) -> bool:
        if self._person is None or search.questions >= MOST_QUESTIONS:
            return False
        if search.questions:
            self._warn(f"{mask(search.want.index.name)} did not accept that")
        else:
            search.asked.append("you")
        search.questions += 1
        given = self._person.ask(search.want.index, search.username)
        if given is None:
            search.questions = MOST_QUESTIONS
            return False
        username, password = given
        search.credential = Credential(username, password, "your answer")
        search.to_save = self._can_save and self._person.agrees_to_save()
        return True

    @property
    def _can_save(self) -> bool:
        return self._provider != "disabled" and bool(self._keyring.name)


def _failed(result: Result) -> str:
    said = f": {result.complaint}" if result.complaint else ""
    return f"failed with status {result.status}{said}"
