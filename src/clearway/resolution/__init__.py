"""From requirements to pins: projects, admission, the driver that answers the solver's questions, the prefetcher.

The driver asks the catalog and answers the solver; the prefetcher runs ahead of it and decides nothing (DESIGN
4.1-4.3). All of it runs on the main thread.
"""
