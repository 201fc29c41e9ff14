"""The demo's photographs: right size, small, always the same."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from newsletter.runtime.magazine import pictures


@pytest.mark.parametrize("scene", sorted(pictures.SCENES))
def test_a_picture_is_a_small_jpeg_of_the_right_size(scene: str) -> None:
    file = pictures.draw(scene, 1)

    assert len(file) <= pictures.MAX_BYTES
    with Image.open(io.BytesIO(file)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (1200, 800), "RGB")
        # Something is in it: a plain surface has next to no spread.
        assert max(ImageStat.Stat(image).stddev) > 12


def test_the_same_seed_draws_the_same_picture_and_another_seed_another() -> None:
    assert pictures.draw("sea", 1) == pictures.draw("sea", 1)
    assert pictures.draw("sea", 1) != pictures.draw("sea", 2)


def test_only_missing_pictures_are_drawn(tmp_path: Path) -> None:
    kept = tmp_path / "photos" / "kept.jpg"
    kept.parent.mkdir()
    kept.write_bytes(b"kept")

    pictures.draw_missing({"kept.jpg": ("sea", 1), "new.jpg": ("sea", 1)}, kept.parent)

    assert kept.read_bytes() == b"kept"
    assert sorted(path.name for path in kept.parent.iterdir()) == ["kept.jpg", "new.jpg"]
    assert (kept.parent / "new.jpg").read_bytes() == pictures.draw("sea", 1)
