"""The photographs: painted, not downloaded; the same scene and seed give the same picture on every machine."""

import io
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from newsletter.runtime.magazine.brush import HEIGHT, WIDTH, chance, seeded
from newsletter.runtime.magazine.canvas import Picture
from newsletter.runtime.magazine.scenes import land, rooms, water, works

__all__ = ["HEIGHT", "MAX_BYTES", "SCENES", "WIDTH", "draw", "draw_missing"]

MAX_BYTES = 110_000
SCENES: Mapping[str, Callable[[random.Random], Picture]] = {
    scene.__name__: scene
    for scene in (
        *(land.birches, land.dunes, land.mountains, land.savanna, land.terraces),
        *(rooms.capitol, rooms.chamber, rooms.rain, rooms.table),
        *(water.harbour, water.lighthouse, water.river, water.sea, water.strait),
        *(works.containers, works.contours, works.pylons, works.runway),
    )
}


def draw(scene: str, seed: int) -> bytes:
    """One of SCENES as a JPEG of WIDTH × HEIGHT pixels and at most MAX_BYTES."""
    rng = seeded(f"{scene} {seed}")
    image = SCENES[scene](rng).develop()
    if chance(rng, 0.5):  # the same scene from the other side
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for quality in (84, 78, 72, 64, 54, 40):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, subsampling="4:2:0")
        if file.tell() <= MAX_BYTES:
            break
    return file.getvalue()


def draw_missing(wanted: Mapping[str, tuple[str, int]], folder: Path) -> None:
    """Draw into `folder` each picture (file name to scene and seed) that is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (scene, seed) in wanted.items():
        if not (folder / name).exists():
            # Moved into place when complete: a picture cut short by Ctrl-C would stay broken for ever.
            draft = folder / f".{name}.{os.getpid()}"
            draft.write_bytes(draw(scene, seed))
            draft.replace(folder / name)
