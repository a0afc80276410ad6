"""The face: arguments in, words out, and the wiring that plugs the edges into the jobs."""
