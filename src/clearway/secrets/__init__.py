"""Where the credential of an index comes from (DESIGN 4.7): variables, commands, netrc, a keyring, a person.

User info in an index's own URL is read where URLs are (``clearway.index.routing``); this room is asked for the rest,
and imported only then. A secret leaves it inside a :class:`clearway.model.secrets.Credential` and in no other form: not
in the arguments of a command, not in a message.
"""
