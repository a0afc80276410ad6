"""The commands: each reads, makes a plan, and has it written.

A command takes values and ports and returns an outcome, which the face prints. What an installation would do is a
plan, a value that can be printed, reported and tested before anything is changed (DESIGN 3).
"""
