"""The rows of the option table, by topic (:mod:`clearway.settings.table`)."""
