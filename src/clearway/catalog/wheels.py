"""The wheels of one run: what the store and the cache hold of them, and what is fetched when they hold nothing.

What was read out of an archive whole is kept by the archive's content; what came apart from it - a sidecar, a range -
only for the index and the credential that said so, because any index may list the hash of any file. Whatever is taken
from the cache must be of the project and the release that it is listed as. Plain functions, called in workers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.catalog.downloads import HEAD, Downloads
from clearway.catalog.habits import Habits
from clearway.catalog.validators import Validators
from clearway.catalog.ways import Read, Ways, metadata_in
from clearway.errors import IntegrityError
from clearway.model.hashes import identity
from clearway.model.metadata import Metadata
from clearway.policy.absence import Absence
from clearway.wheel.contents import check_agreement

if TYPE_CHECKING:
    from clearway.catalog.arriving import Watcher
    from clearway.catalog.indexes import Edges
    from clearway.catalog.keys import Keys
    from clearway.catalog.located import FileKey, Located
    from clearway.catalog.proofs import Proofs
    from clearway.catalog.validators import Known
    from clearway.ports import Spool, Tree

_TABLE = "metadata-2"


class Wheels:
    """The wheels of one run.

    :ivar habits: how the indexes answer.
    :ivar ways: how metadata is read from the network.
    :param whole: whether whole archives are wanted in the end, and not only proofs of them.
    """

    def __init__(self, edges: Edges, proofs: Proofs, keys: Keys, *, whole: bool) -> None:
        self._store = edges.store
        self._keys = keys
        self._archives = edges.archives
        self._confirmed: dict[FileKey, str] = {}
        self._validators = Validators(edges.store, keys)
        self.habits = Habits()
        self._downloads = Downloads(edges.fetcher, edges.archives, self.habits, proofs, edges.retries)
        self.ways = Ways(edges.fetcher, self._downloads, self.habits, whole=whole)

    def kept_metadata(self, located: Located) -> Metadata | None:
        """Return the metadata that the store holds for a file. Never touches the network.

        What was read out of the archive whole holds wherever that is listed; what came apart from it only at the index,
        and for the credential, that said so: any index may list the hash of any file.
        """
        key = self._archive_key(located)
        for place in (key, self._told_key(located)) if key else ():
            if row := self._store.get(_TABLE, place):
                try:
                    metadata = msgspec.msgpack.decode(row, type=Metadata)
                    check_agreement(metadata, located.file.filename)
                except (msgspec.DecodeError, IntegrityError):  # the latter: somebody else's wheel, listed as this one
                    continue
                return metadata
        return None

    def forget_metadata(self, located: Located) -> None:
        """Let the store forget what an index told of a file: it was not the truth."""
        if identity(located.file.hashes):
            self._store.put(_TABLE, self._told_key(located), b"")

    def kept_tree(self, located: Located) -> Tree | None:
        """Return the unpacked wheel that the cache holds for a file. Never touches the network.

        :raises IntegrityError: ``wrong-wheel`` when that is another project's, or another release.
        """
        key = self._archive_key(located)
        tree = self._archives.find(key) if key else None
        if tree is not None:
            check_agreement(tree.metadata, located.file.filename)
        return tree

    def holds(self, located: Located) -> bool:
        """Whether the cache has a file's wheel, unpacked. Never touches the network."""
        key = self._archive_key(located)
        return bool(key) and self._archives.has(key)

    def read_metadata(self, located: Located) -> Read | Absence:
        """Read a wheel's metadata.

        :raises IndexFailure: when an answer must stop the run.
        :raises IntegrityError: when what came is not what was listed.
        """
        known = None if identity(located.file.hashes) else self._validators.known(located)
        if known is not None and self._archives.has(known.key):
            read = self._read_confirmed(located, known)
        else:
            read = self.ways.read(located)
        if not isinstance(read, Absence):
            self._keep(located, read)
        return read

    def metadata_in(self, spool: Spool, located: Located) -> Read | Absence:
        """Read the metadata of an archive that is here.

        :raises IntegrityError: when it is not that of the wheel.
        """
        read = Read(metadata_in(spool, located), spool)
        self._keep(located, read)
        return read

    def download(self, located: Located, watcher: Watcher) -> Spool | Absence:
        """Download an archive whole and check its hash (see :meth:`Downloads.download`)."""
        return self._downloads.download(located, watcher)

    def prove(self, located: Located) -> Absence | Spool | None:
        """Find out whether an archive is handed out (see :meth:`Downloads.prove`)."""
        return self._downloads.prove(located, longest=0 if self.holds(located) else HEAD)

    def phrase(self, located: Located) -> str:
        """Ask for the reason phrase of a refusal that gave no other reason; empty where there is none."""
        return self._downloads.phrase(located)

    def unpack(self, spool: Spool, located: Located) -> Tree:
        """Unpack a downloaded archive into the cache and forget its bytes."""
        try:
            tree = self._archives.unpack(spool, located.file.filename)
        finally:
            spool.close()
        if not identity(located.file.hashes):
            self._validators.keep(located, self._downloads.tags.get(located.key, ""), tree.key)
        self._store.put(_TABLE, identity(located.file.hashes) or tree.key, msgspec.msgpack.encode(tree.metadata))
        return tree

    def _keep(self, located: Located, read: Read) -> None:
        check_agreement(read.metadata, located.file.filename)
        if key := identity(located.file.hashes):
            place = key if read.spool is not None else self._told_key(located)
            self._store.put(_TABLE, place, msgspec.msgpack.encode(read.metadata))

    def _archive_key(self, located: Located) -> str:
        """Return the key of a file's archive: by its listed hash, or as the server has confirmed it in this run."""
        return identity(located.file.hashes) or self._confirmed.get(located.key, "")

    def _told_key(self, located: Located) -> str:
        """Return where it is kept what one index, asked with one credential, told of a file."""
        return f"{self._keys.of(located.index)}/{identity(located.file.hashes)}"

    def _read_confirmed(self, located: Located, known: Known) -> Read | Absence:
        """Read the metadata of an archive without a hash that is here, if the server says that it is still the same."""
        answer = self._downloads.confirm(located, known.etag)
        if isinstance(answer, Absence):
            return answer
        if answer is not None:
            return Read(metadata_in(answer, located), answer)
        self._confirmed[located.key] = known.key
        metadata = self.kept_metadata(located)
        return self.ways.read_archive(located) if metadata is None else Read(metadata, proven=True)
