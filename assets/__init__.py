"""The graph: what exists, from what, under which promise."""
