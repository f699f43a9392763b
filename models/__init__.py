"""Pure logic: frames in, frames out; no Dagster, files, clock or environment."""
