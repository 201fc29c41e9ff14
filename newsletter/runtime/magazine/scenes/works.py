"""A survey map, stacked containers, power lines, an airfield from above."""

import math
import random

from PIL import Image, ImageFilter, ImageMath

from newsletter.runtime.magazine.brush import (
    HEIGHT,
    WIDTH,
    Colour,
    Point,
    chance,
    clouds,
    colours,
    down_to,
    gradient,
    levels,
    mix,
    ridge,
)
from newsletter.runtime.magazine.canvas import Pen, Picture


def contours(rng: random.Random) -> Picture:
    """A survey sheet: tinted heights, contour lines, a river, one marked route."""
    paper, low, high, ink = colours("efe8d8 d8dcc4 cbb08c 6e5238")
    picture = Picture(rng, (0, paper), (1, paper))
    height = clouds(rng, 5, 4, 2)
    for share, tone in enumerate((mix(paper, low, 0.8), low, mix(low, high, 0.5), high, mix(high, ink, 0.25))):
        picture.paint(tone, levels(height, 60 + share * 30, 61 + share * 30, 0.8).filter(ImageFilter.BoxBlur(1)))
    picture.paint(ink, levels(_lines(height, 10), 0, 255, 0.55))
    picture.paint(ink, _lines(height, 50))
    with picture.pen((120, 128, 120), strength=0.4) as pen:
        for line in range(100, WIDTH, 200):
            pen.line([(line, 0), (line, HEIGHT)], 0.8)
            pen.line([(0, line), (WIDTH, line)], 0.8)
    _river_and_route(picture)
    _folds(picture)
    return picture


def _lines(height: Image.Image, every: int) -> Image.Image:
    """Where the height passes a multiple of `every`, as a mask."""
    # In floating point and twice as large: with whole heights the lines would fray where the ground is nearly flat.
    fine = height.reduce(12).convert("F").resize((WIDTH * 2, HEIGHT * 2), Image.Resampling.BICUBIC)
    steps = ImageMath.lambda_eval(lambda of: of["convert"](of["int"](of["height"] / every) % 2 * 255, "L"), height=fine)
    edges = steps.filter(ImageFilter.FIND_EDGES).point([0] * 128 + [255] * 128)
    return levels(edges.reduce(2), 0, 150)


def _river_and_route(picture: Picture) -> None:
    rng = picture.rng
    river = [(x + 120, y) for y, x in _wandering(rng, 300, HEIGHT)]
    route = [(x, y) for x, y in _wandering(rng, 430, WIDTH)]
    with picture.pen((98, 134, 150)) as pen:
        pen.line(river, 7)
    with picture.pen((250, 246, 236)) as pen:
        pen.line(route, 9)
    with picture.pen((163, 44, 40)) as pen:
        pen.line(route, 4.5)
        for x, y in (route[9], route[-10]):
            pen.dot(x, y, 15)
    with picture.pen((250, 246, 236)) as pen:
        for x, y in (route[9], route[-10]):
            pen.dot(x, y, 8)


def _wandering(rng: random.Random, middle: float, length: int) -> list[Point]:
    first, second = rng.uniform(0, 6), rng.uniform(0, 6)
    return [
        (t, middle + 95 * math.sin(t / 210 + first) + 34 * math.sin(t / 67 + second))
        for t in range(-10, length + 20, 10)
    ]


def _folds(picture: Picture) -> None:
    for x in (300, 600, 900):
        with picture.pen((60, 50, 40), blur=18, strength=0.3) as pen:
            pen.box(x, 0, x + 34, HEIGHT)
        with picture.pen((255, 255, 250), blur=2, strength=0.6) as pen:
            pen.line([(x, 0), (x, HEIGHT)], 1.5)
    with picture.pen((60, 50, 40), blur=18, strength=0.25) as pen:
        pen.box(0, 400, WIDTH, 430)


def containers(rng: random.Random) -> Picture:
    """Stacked containers with gaps in the rows, under an even sky."""
    high, low = rng.choice([colours("9fb0b8 dfdccf"), colours("a79fa8 e6d6c6")])
    paints = colours("9c4a3c b5654a 40617a 5b7f86 cfc6b2 7d8a6a c79a52 545a60 6d3a3a")
    picture = Picture(rng, (0, high), (0.8, low), (1, mix(low, (70, 70, 70), 0.5)))
    picture.paint((250, 248, 240), levels(clouds(rng, 3, 5, 3), 140, 240, 0.6))
    with picture.pen(mix(low, (70, 80, 90), 0.35)) as pen:
        for column in range(14):
            pen.box(column * 90 - 20, 330 - 34 * rng.choice((0, 1, 2, 3)), column * 90 + 64, 760)
    for column in range(5):
        for level in range(rng.choice((2, 3, 4, 5, 6))):
            _container(picture, (-70 + column * 276, 640 - level * 104), rng.choice(paints))
    with picture.pen(gradient((0, (96, 94, 90)), (0.92, (110, 106, 100)), (1, (66, 64, 62)))) as pen:
        pen.box(0, 744, WIDTH, HEIGHT)
    with picture.pen((30, 30, 32), blur=9, strength=0.6) as pen:
        pen.box(0, 738, WIDTH, 756)
    return picture


def _container(picture: Picture, corner: Point, colour: Colour) -> None:
    (x, y), wide, tall = corner, 268.0, 102.0
    worn = mix(colour, (120, 110, 100), picture.rng.uniform(0, 0.25))
    with picture.pen(worn) as pen:
        pen.box(x, y, x + wide, y + tall)
    with picture.pen(mix(worn, (0, 0, 0), 0.3), strength=0.75) as pen:
        for rib in range(1, 22):
            pen.box(x + rib * 12.2, y + 9, x + rib * 12.2 + 4.6, y + tall - 9)
        pen.box(x, y + tall - 8, x + wide, y + tall)
    with picture.pen(mix(worn, (255, 250, 240), 0.4), strength=0.6) as pen:
        pen.box(x, y, x + wide, y + 4)
        for rib in range(1, 22):
            pen.box(x + rib * 12.2 + 4.6, y + 9, x + rib * 12.2 + 6, y + tall - 9)
    with picture.pen(mix(worn, (0, 0, 0), 0.55)) as pen:
        for left in (x, x + wide - 9):
            pen.box(left, y, left + 9, y + 9)
            pen.box(left, y + tall - 9, left + 9, y + tall)
    with picture.pen((40, 30, 26), blur=10, strength=0.35) as pen:
        pen.box(x, y + tall * 0.66, x + wide, y + tall)
    if chance(picture.rng, 0.6):
        with picture.pen(mix(worn, (255, 255, 250), 0.75), strength=0.8) as pen:
            pen.box(x + 24, y + 24, x + 24 + picture.rng.randrange(40, 110), y + 38)


def pylons(rng: random.Random) -> Picture:
    """Power lines that march over fields towards the light."""
    high, low, sun, dark = colours("8d9aa6 efcf98 fff2cf 2f2b2a")
    horizon = 540
    picture = Picture(rng, (0, high), (horizon / HEIGHT, low), (1, low))
    picture.paint(mix(low, (255, 255, 255), 0.5), levels(clouds(rng, 3, 10, 3), 130, 230, 0.6))
    picture.glow((860, horizon - 30), 480, sun, 0.95)
    with picture.pen(mix(low, dark, 0.3)) as pen:
        pen.polygon(down_to(ridge(rng, horizon - 12, 34, 0.45)))
    _furrows(picture, horizon, mix(low, dark, 0.45), dark)
    picture.mist(horizon - 60, horizon + 14, mix(low, sun, 0.5), 0.6)
    places = [
        (855.0, horizon + 6, 0.14),
        (818.0, horizon + 14, 0.24),
        (745.0, horizon + 34, 0.46),
        (590.0, horizon + 70, 0.86),
        (190.0, 760.0, 1.9),
    ]
    for near, far in zip(places[1:], places, strict=False):
        _wires(picture, near, far, dark)
    for x, foot, size in places:
        with picture.pen(mix(low, dark, min(1.0, 0.35 + size * 0.6))) as pen:
            _pylon(pen, (x, foot), size)
    return picture


def _furrows(picture: Picture, horizon: int, light: Colour, dark: Colour) -> None:
    with picture.pen(gradient((0, light), (horizon / HEIGHT, light), (1, mix(light, dark, 0.75)))) as pen:
        pen.box(0, horizon, WIDTH, HEIGHT)
    with picture.pen(dark, blur=1.5, strength=0.45) as pen:
        for furrow in range(-34, 35):
            left = 860 + furrow * 78 + picture.rng.uniform(-6, 6)
            pen.polygon([(860 + furrow * 3, horizon + 6), (left, HEIGHT + 10), (left + 34, HEIGHT + 10)])


def _pylon(pen: Pen, foot: Point, size: float) -> None:
    (x, y), tall, thick = foot, 330 * size, max(0.8, 3.4 * size)

    def half(share: float) -> float:
        return size * (9 + 46 * math.pow(1 - share, 1.5))

    steps = [n / 7 for n in range(8)]
    for side in (-1, 1):
        pen.line([(x + side * half(t), y - tall * t) for t in steps], thick)
        pen.line([(x + side * half(t) * (-1) ** n, y - tall * t) for n, t in enumerate(steps)], thick * 0.6)
    for share, reach in ((0.98, 46), (0.82, 74), (0.66, 60)):
        level = y - tall * share
        pen.line([(x - reach * size, level), (x + reach * size, level)], thick)
        pen.line([(x - reach * size, level), (x, level - 16 * size), (x + reach * size, level)], thick * 0.6)
        for side in (-1, 1):
            pen.line([(x + side * reach * size, level), (x + side * reach * size, level + 15 * size)], thick * 0.8)


def _wires(picture: Picture, near: tuple[float, float, float], far: tuple[float, float, float], colour: Colour) -> None:
    with picture.pen(colour, strength=0.7) as pen:
        for share, reach in ((0.98, 46), (0.82, 74), (0.66, 60)):
            for side in (-1, 1):
                ends = [
                    (x + side * reach * size, foot - 330 * size * share + 15 * size) for x, foot, size in (near, far)
                ]
                pen.line(_hanging(ends[0], ends[1], 30 * near[2]), max(0.6, 1.3 * near[2]))


def _hanging(one: Point, other: Point, sag: float) -> list[Point]:
    return [
        (one[0] + (other[0] - one[0]) * t, one[1] + (other[1] - one[1]) * t + sag * 4 * t * (1 - t))
        for t in [n / 20 for n in range(21)]
    ]


def runway(rng: random.Random) -> Picture:
    """A desert airfield from above, its runways crossing at an angle."""
    sand, pale, rock, tar = colours("cfa97c e4cba3 9a7450 4d4a48")
    picture = Picture(rng, (0, sand), (1, mix(sand, rock, 0.2)))
    ground = clouds(rng, 6, 4, 6)
    picture.paint(pale, levels(ground, 125, 200, 0.8))
    picture.paint(rock, levels(ground, 120, 50, 0.75))
    with picture.pen(mix(pale, (255, 255, 255), 0.3), strength=0.5) as pen:
        for _ in range(5):
            pen.line(_wandering(rng, rng.uniform(80, 720), WIDTH), rng.uniform(1.2, 2.4))
    for middle, turn, length in (((600, 330), -0.42, 1240), ((660, 320), 0.5, 1000)):
        _strip(picture, middle, turn, length)
    _apron(picture, (505, 560), -0.42, tar)
    return picture


def _turned(middle: Point, turn: float, along: float, aside: float) -> Point:
    cos, sin = math.cos(turn), math.sin(turn)
    return middle[0] + along * cos - aside * sin, middle[1] + along * sin + aside * cos


def _strip(picture: Picture, middle: Point, turn: float, length: float) -> None:
    def quad(start: float, end: float, left: float, right: float) -> list[Point]:
        return [_turned(middle, turn, *corner) for corner in ((start, left), (end, left), (end, right), (start, right))]

    half = length / 2
    with picture.pen((222, 196, 156), blur=5, strength=0.8) as pen:
        pen.polygon(quad(-half - 30, half + 30, -52, 52))
    with picture.pen((92, 88, 86)) as pen:
        pen.polygon(quad(-half, half, -30, 30))
    with picture.pen((52, 50, 50), blur=8, strength=0.55) as pen:
        pen.polygon(quad(-half * 0.8, half * 0.8, -11, 11))
    with picture.pen((232, 226, 214), strength=0.85) as pen:
        for dash in range(-16, 17):
            pen.polygon(quad(dash * half / 17 - 13, dash * half / 17 + 13, -1.3, 1.3))
        for edge in (-26, 25):
            pen.polygon(quad(-half + 6, half - 6, edge, edge + 1.4))
        for stripe in range(-3, 4):
            for start in (16 - half, half - 56):
                pen.polygon(quad(start, start + 40, stripe * 7 - 2, stripe * 7 + 2))


def _apron(picture: Picture, middle: Point, turn: float, tar: Colour) -> None:
    def quad(along: float, aside: float, long: float, wide: float) -> list[Point]:
        corners = ((-long, -wide), (long, -wide), (long, wide), (-long, wide))
        return [_turned(middle, turn, along + a, aside + b) for a, b in corners]

    with picture.pen(mix(tar, (190, 170, 150), 0.45)) as pen:
        pen.polygon(quad(0, 60, 210, 62))
        pen.polygon(quad(-150, -66, 12, 84))
        pen.polygon(quad(150, -66, 12, 84))
    for plane in range(5):
        spot = _turned(middle, turn, -150 + plane * 75, 62)
        with picture.pen((40, 34, 30), blur=2, strength=0.5) as pen:
            _plane(pen, (spot[0] + 7, spot[1] + 8), turn)
        with picture.pen((228, 228, 224)) as pen:
            _plane(pen, spot, turn)
    with picture.pen((40, 34, 30), blur=4, strength=0.5) as pen:
        for hangar in range(3):
            pen.polygon([(x + 9, y + 11) for x, y in quad(-130 + hangar * 130, 160, 48, 26)])
    for hangar in range(3):
        for aside, tone in ((147, (206, 202, 192)), (173, (160, 154, 146))):
            with picture.pen(tone) as pen:
                pen.polygon(quad(-130 + hangar * 130, aside, 48, 13))


def _plane(pen: Pen, middle: Point, turn: float) -> None:
    def at(along: float, aside: float) -> Point:
        return _turned(middle, turn + math.pi / 2, along, aside)

    pen.polygon([at(-30, 0), at(-22, 4), at(26, 3), at(26, -3), at(-22, -4)])
    pen.polygon([at(-8, 0), at(10, 32), at(16, 32), at(8, 0), at(16, -32), at(10, -32)])
    pen.polygon([at(20, 0), at(28, 12), at(31, 12), at(27, 0), at(31, -12), at(28, -12)])
