"""Seeded random streams, one for each purpose and key, and the few draws that several parts share."""

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Integers = NDArray[np.integer]
Booleans = NDArray[np.bool_]


def stream(seed: int, purpose: str, *key: int) -> np.random.Generator:
    """Open the stream of a purpose and key: the same arguments give the same numbers in any process and any order."""
    words = (seed, zlib.crc32(purpose.encode()), *key)
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(words)))


def apportion(weights: Floats | Integers, total: int) -> Integers:
    """Split a total into whole parts proportional to the weights, largest remainders first."""
    exact = np.asarray(weights, dtype=np.float64) * (total / np.sum(weights))
    parts = np.floor(exact).astype(np.int64)
    missing = total - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return parts


def pick(rng: np.random.Generator, weights: Floats | Integers, size: int) -> Integers:
    """Draw `size` indices with replacement, proportional to the weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").clip(max=len(edges) - 1)


def pick_distinct(rng: np.random.Generator, weights: Floats, count: int) -> Integers:
    """Draw `count` different indices, heavier ones more likely, in ascending order."""
    keys = rng.exponential(size=len(weights)) / np.maximum(np.asarray(weights, dtype=np.float64), 1e-12)
    return np.sort(np.argsort(keys, kind="stable")[:count])


def uniform(rng: np.random.Generator, bounds: tuple[float, float], size: int) -> Floats:
    """Draw numbers between two bounds, as float32."""
    return rng.uniform(*bounds, size).astype(np.float32)
