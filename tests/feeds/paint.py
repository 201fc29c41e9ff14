"""Pictures of our own making, as cameras, editors and enemies make them."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms


def photo(width: int, height: int, seed: int = 1) -> Image.Image:
    """Colourful noise under a slope: as hard to compress as a photograph, and the same every time."""
    noise = Image.effect_noise((width, height), 40 + seed)
    slope = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (noise, slope, slope.transpose(Image.Transpose.ROTATE_180)))


def gradient(width: int, height: int) -> Image.Image:
    """A smooth picture with red at the left and blue at the right."""
    slope = Image.linear_gradient("L").rotate(90).resize((width, height))
    return Image.merge("RGB", (slope.point(lambda value: 255 - value), Image.new("L", (width, height), 40), slope))


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of one grey: a few kilobytes that claim, and hold, so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    machine = zlib.compressobj(9)
    row = b"\0" + b"\x80" * width
    lines = b"".join(machine.compress(row) for _ in range(height)) + machine.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def profile_of(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()
