"""HTTP: sessions, redirects, retries, and which credential goes along (DESIGN 4.4, 4.7, 4.10).

``fetcher`` holds the rules; a *sender* sends one request and follows nothing: ``pyreqwest_sender`` is the fast one,
``stdlib_sender`` the one that needs nothing but the standard library. Both pass one contract test.
"""
