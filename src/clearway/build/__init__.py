"""Source archives, folders and repositories made into wheels, through PEP 517 and PEP 660, in isolation.

:class:`~clearway.build.builder.LocalBuilder` is the adapter of :class:`clearway.ports.Builder`.
"""
