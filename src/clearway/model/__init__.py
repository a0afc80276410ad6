"""The nouns of packaging: names, versions, requirements, file names, hashes, URLs, secrets and targets.

Values only: no room of the project is imported from here but ``errors``, nothing is fetched, read or written.
``packaging`` is the authority for every standard; it is imported inside the functions that parse, because importing it
costs more than a satisfied installation may take (DESIGN 4.12). Records are frozen ``msgspec`` structs: they are made
by the ten thousand.
"""
