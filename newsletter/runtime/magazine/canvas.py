"""The canvas: pens for soft shapes, glow, mist, reflections, and the grain of film at the end.

Shapes are drawn at twice the size and reduced, because Pillow's own edges are hard; only the part of the picture that
they touch is drawn, reduced, blurred and pasted, because that is nearly all of the time a picture takes.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from newsletter.runtime.magazine.brush import HEIGHT, WIDTH, Colour, Point, Stop, gradient, levels, seeded

Paint = Colour | Image.Image
Box = tuple[int, int, int, int]
GRID = 8  # pixels: boxes start and end on multiples, so that reduced masks meet the picture's pixels


class Pen:
    """Collects shapes, in the finished picture's pixels."""

    def __init__(self) -> None:
        self._shapes: list[Callable[[ImageDraw.ImageDraw, Point], None]] = []
        self._left, self._top, self._right, self._bottom = math.inf, math.inf, -math.inf, -math.inf

    def polygon(self, points: Sequence[Point], ink: int = 255) -> None:
        """Fill the area inside `points`."""
        self._reach(points)
        self._shapes.append(lambda draw, corner: draw.polygon(_moved(points, corner), fill=ink))

    def line(self, points: Sequence[Point], width: float = 1, ink: int = 255) -> None:
        """Draw through `points`."""
        self._reach(points, width)
        wide = max(1, round(width * 2))
        self._shapes.append(lambda draw, corner: draw.line(_moved(points, corner), fill=ink, width=wide, joint="curve"))

    def box(self, left: float, top: float, right: float, bottom: float, ink: int = 255) -> None:
        """Fill an upright rectangle."""
        if right > left and bottom > top:
            self.polygon([(left, top), (right - 0.5, top), (right - 0.5, bottom - 0.5), (left, bottom - 0.5)], ink)

    def ellipse(self, x: float, y: float, across: float, down: float, ink: int = 255) -> None:
        """Fill an ellipse around (x, y) with these radii."""
        corners = [(x - across, y - down), (x + across, y + down)]
        self._reach(corners)
        self._shapes.append(lambda draw, corner: draw.ellipse(_moved(corners, corner), fill=ink))

    def dot(self, x: float, y: float, radius: float, ink: int = 255) -> None:
        """Fill a circle."""
        self.ellipse(x, y, radius, radius, ink)

    def box_touched(self, margin: float) -> Box:
        """The part of the picture that the shapes and a blur of `margin` pixels touch; empty (0 wide) for none."""
        left, top = max(0, math.floor(self._left - margin)), max(0, math.floor(self._top - margin))
        right, bottom = min(WIDTH, math.ceil(self._right + margin)), min(HEIGHT, math.ceil(self._bottom + margin))
        if right <= left or bottom <= top:
            return 0, 0, 0, 0
        return left // GRID * GRID, top // GRID * GRID, -(-right // GRID) * GRID, -(-bottom // GRID) * GRID

    def mask(self, box: Box) -> Image.Image:
        """The shapes inside `box`, white on black, at twice the size."""
        mask = Image.new("L", ((box[2] - box[0]) * 2, (box[3] - box[1]) * 2))
        draw = ImageDraw.Draw(mask)
        for shape in self._shapes:
            shape(draw, (box[0], box[1]))
        return mask

    def _reach(self, points: Sequence[Point], margin: float = 1) -> None:
        across, down = [x for x, _ in points], [y for _, y in points]
        self._left, self._right = min(self._left, min(across) - margin), max(self._right, max(across) + margin)
        self._top, self._bottom = min(self._top, min(down) - margin), max(self._bottom, max(down) + margin)


class Picture:
    """A picture being painted, back to front."""

    def __init__(self, rng: random.Random, *stops: Stop) -> None:
        self.rng = rng
        self.image = gradient(*stops)

    def paint(self, paint: Paint, mask: Image.Image) -> None:
        """Lay a colour or another picture over this one where `mask` is."""
        self._paint(paint, mask, (0, 0, WIDTH, HEIGHT))

    @contextmanager
    def pen(self, paint: Paint, blur: float = 0, strength: float = 1.0) -> Iterator[Pen]:
        """A pen whose shapes are painted together at the end, blurred by so many pixels."""
        pen = Pen()
        yield pen
        box = pen.box_touched(blur * 3)
        if box[2] > box[0]:
            mask = pen.mask(box)
            mask = _blurred(mask, blur) if blur else mask.reduce(2)
            self._paint(paint, mask if strength == 1 else levels(mask, 0, 255, strength), box)

    def _paint(self, paint: Paint, mask: Image.Image, box: Box) -> None:
        self.image.paste(paint.crop(box) if isinstance(paint, Image.Image) else paint, box, mask)

    def glow(self, place: Point, radius: float, colour: Colour, strength: float = 0.8) -> None:
        """Light that fades from `place` outwards."""
        size = round(radius * 2)
        mask = levels(_fading_disc(), 0, 255, strength).resize((size, size), Image.Resampling.BILINEAR)
        left, top = round(place[0] - radius), round(place[1] - radius)
        self.image.paste(colour, (left, top, left + size, top + size), mask)

    def mist(self, top: float, bottom: float, colour: Colour, strength: float = 0.6) -> None:
        """A veil that thickens from `top` to `bottom` and ends softly below."""
        rows = Image.new("L", (1, HEIGHT))
        full, fade = bottom - top, max(1.0, (bottom - top) * 0.6)
        shares = [min((y - top) / full, 1 - (y - bottom) / fade) for y in range(HEIGHT)]
        rows.putdata([round(255 * strength * _eased(share)) for share in shares])
        self.paint(colour, rows.resize((WIDTH, HEIGHT)))

    def reflect(self, horizon: int, tint: Colour, share: float = 0.35) -> None:
        """Turn everything below `horizon` into water that mirrors what stands above it."""
        depth = HEIGHT - horizon
        above = self.image.crop((0, max(0, horizon - depth), WIDTH, horizon))
        mirror = (
            above.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            .reduce((2, 6))
            .resize((WIDTH, depth), Image.Resampling.BILINEAR)
        )
        self.image.paste(Image.blend(mirror, Image.new("RGB", mirror.size, tint), share), (0, horizon))
        self._ripple(horizon)

    def _ripple(self, horizon: int) -> None:
        # Strips shifted sideways, wider and further apart towards the viewer.
        y = float(horizon)
        while y < HEIGHT:
            near = (y - horizon) / (HEIGHT - horizon)
            strip = (0, round(y), WIDTH, min(HEIGHT, round(y + 2 + near * 3)))
            shift = round(self.rng.gauss(0, 1 + near * 7))
            self.image.paste(ImageChops.offset(self.image.crop(strip), shift, 0), strip[:2])
            y += 3 + near * 6

    def develop(self, grain: float = 0.065, vignette: float = 0.3) -> Image.Image:
        """The finished picture, with darker corners and film grain."""
        image = Image.blend(self.image, ImageChops.multiply(self.image, _corners()), vignette)
        return Image.blend(image, ImageChops.overlay(image, _grain()), grain)


def _moved(points: Sequence[Point], corner: Point) -> list[Point]:
    left, top = corner
    return [((x - left) * 2, (y - top) * 2) for x, y in points]


def _blurred(mask: Image.Image, blur: float) -> Image.Image:
    # Blurred small and enlarged: a tenth of the time, and nobody sees the difference in what is soft anyway.
    soft, very_soft = 2, 8
    step = 8 if blur >= very_soft else 4 if blur >= soft else 2
    small = mask.reduce(step).filter(ImageFilter.GaussianBlur(blur * 2 / step))
    return small.resize((mask.width // 2, mask.height // 2), Image.Resampling.BILINEAR)


def _eased(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


@cache
def _fading_disc() -> Image.Image:
    disc = Image.radial_gradient("L")  # 0 in the middle, 255 at 180 pixels from it
    return disc.point([round(255 * (1 - min(1.0, v / 180)) ** 2) for v in range(256)])


@cache
def _corners() -> Image.Image:
    disc = Image.radial_gradient("L").point([round(255 - 150 * max(0.0, (v - 90) / 165) ** 1.5) for v in range(256)])
    return Image.merge("RGB", [disc.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)] * 3)


@cache
def _grain() -> Image.Image:
    bytes_ = seeded("film").randbytes(WIDTH * HEIGHT)
    fine = Image.frombytes("L", (WIDTH, HEIGHT), bytes_).filter(ImageFilter.GaussianBlur(0.8))
    return Image.merge("RGB", [levels(fine, 60, 195)] * 3)
