"""The cache on disk: private to one user, shared by his processes, safe to kill (DESIGN 4.9).

``folder`` knows where it is and how it is laid out; ``trees`` holds unpacked wheels by the hash of their archive,
``spool`` archives on their way in, ``store`` the small values.
"""
