"""What the scenes are made of: colours, gradients, soft noise and outlines, in Pillow alone.

Coordinates are pixels of the finished picture, y downwards. Everything random comes from a seeded `random.Random`, so
a picture never changes.
"""

import itertools
import math
import random
from collections.abc import Sequence

from PIL import Image

WIDTH, HEIGHT = 1200, 800
Colour = tuple[int, int, int]
Point = tuple[float, float]
Stop = tuple[float, Colour]


def seeded(seed: str) -> random.Random:
    """The random source that always says the same after this `seed`."""
    return random.Random(seed)  # noqa: S311 nothing secret is drawn


def chance(rng: random.Random, share: float) -> bool:
    """True in that `share` (0 to 1) of the cases."""
    return rng.random() < share


def colours(words: str) -> list[Colour]:
    """Colours from six-digit hexadecimal words: "1b2a41 ccc9dc"."""
    return [(int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16)) for word in words.split()]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with that `share` (0 to 1) of `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def gradient(*stops: Stop) -> Image.Image:
    """A picture that changes from top (0) to bottom (1) through the `stops`."""
    column = Image.new("RGB", (1, 200))
    column.putdata([_colour_at(stops, y / 199) for y in range(200)])
    return column.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def _colour_at(stops: Sequence[Stop], place: float) -> Colour:
    below = max((stop for stop in stops if stop[0] <= place), default=stops[0])
    above = min((stop for stop in stops if stop[0] > place), default=below)
    span = above[0] - below[0]
    return mix(below[1], above[1], (place - below[0]) / span if span else 0)


def clouds(rng: random.Random, across: int, down: int, octaves: int = 3) -> Image.Image:
    """Soft noise as a mask: `across` by `down` patches, each octave twice as fine and half as strong."""
    sum_ = Image.new("L", (WIDTH // 2, HEIGHT // 2), 128)
    for octave in range(octaves):
        size = (max(2, across << octave), max(2, down << octave))
        layer = Image.frombytes("L", size, rng.randbytes(size[0] * size[1])).resize(sum_.size, Image.Resampling.BICUBIC)
        sum_ = layer if octave == 0 else Image.blend(sum_, layer, 0.5**octave / (2 - 0.5**octave))
    return sum_.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def levels(mask: Image.Image, low: int, high: int, strength: float = 1.0) -> Image.Image:
    """The mask stretched so that `low` becomes nothing and `high` becomes `strength` (0 to 1)."""
    return mask.point([round(255 * strength * min(1, max(0, (v - low) / (high - low)))) for v in range(256)])


def ridge(rng: random.Random, y: float, height: float, roughness: float = 0.5) -> list[Point]:
    """A mountain's outline from left to right around `y`, about `height` from valley to top (midpoint displacement)."""
    line = [rng.uniform(-1, 1), rng.uniform(-1, 1)]
    for halving in range(8):
        reach = roughness**halving
        middles = [(a + b) / 2 + rng.uniform(-reach, reach) for a, b in itertools.pairwise(line)]
        line = [*itertools.chain.from_iterable(zip(line, middles, strict=False)), line[-1]]
    step = (WIDTH + 20) / (len(line) - 1)
    return [(-10 + index * step, y + value * height / 2) for index, value in enumerate(line)]


def swell(rng: random.Random, y: float, height: float, waves: float = 1.5) -> list[Point]:
    """A smooth outline from left to right around `y`: three sines of falling length."""
    parts = [(height / 2**n, waves * (n + 1) * rng.uniform(0.8, 1.2), rng.uniform(0, 7)) for n in range(3)]
    return [
        (x, y + sum(size * math.sin(x / WIDTH * turns * math.tau / 1.5 + phase) for size, turns, phase in parts))
        for x in range(-10, WIDTH + 20, 10)
    ]


def down_to(line: Sequence[Point], y: float = HEIGHT + 10) -> list[Point]:
    """The area between `line` and the height `y`, as a polygon."""
    return [*line, (line[-1][0], y), (line[0][0], y)]
