"""Promises: one Open Data Contract Standard file per table, and everything made from it."""
