"""The Capitol, a chamber, a negotiating table, rain on a window."""

import math
import random

from newsletter.runtime.magazine.brush import (
    HEIGHT,
    WIDTH,
    Colour,
    Point,
    clouds,
    colours,
    down_to,
    gradient,
    levels,
    mix,
    swell,
)
from newsletter.runtime.magazine.canvas import Pen, Picture


def capitol(rng: random.Random) -> Picture:
    """A dome in silhouette before a pale sky."""
    high, low, sun, dark = rng.choice([colours("a9b6c2 f0dcc8 fff4e0 2b3340"), colours("5c6684 e2a992 ffdfc0 211f30")])
    picture = Picture(rng, (0, high), (0.75, low), (1, low))
    picture.paint(mix(low, sun, 0.6), levels(clouds(rng, 2, 9, 4), 125, 225, 0.65))
    x = rng.choice((430.0, 770.0))
    picture.glow((x, 430), 470, sun, 0.9)
    with picture.pen(mix(low, dark, 0.22), blur=2) as pen:
        pen.polygon(down_to(swell(rng, 640, 12, 4)))
    stone = gradient((0, mix(dark, low, 0.2)), (0.45, mix(dark, low, 0.1)), (0.85, dark))
    with picture.pen(stone) as pen:
        _dome(pen, x)
        _wings(pen, x)
    _colonnades(picture, x, mix(dark, low, 0.55))
    picture.mist(560, 700, low, 0.35)
    _treetops(picture, mix(dark, (0, 0, 0), 0.35))
    return picture


def _dome(pen: Pen, x: float) -> None:
    shell = [(x + 112 * math.cos(a / 30 * math.pi), 345 - 152 * math.sin(a / 30 * math.pi)) for a in range(31)]
    pen.polygon(shell)
    pen.box(x - 120, 343, x + 120, 357)
    pen.box(x - 104, 355, x + 104, 385)
    pen.box(x - 132, 383, x + 132, 396)
    pen.box(x - 116, 394, x + 116, 468)
    pen.box(x - 146, 466, x + 146, 482)
    pen.box(x - 138, 480, x + 138, 530)
    pen.box(x - 24, 190, x + 24, 200)
    pen.box(x - 17, 158, x + 17, 194)
    pen.polygon([(x - 21, 160), (x, 128), (x + 21, 160)])
    pen.polygon([(x - 4, 132), (x - 5, 104), (x, 92), (x + 5, 104), (x + 4, 132)])


def _wings(pen: Pen, x: float) -> None:
    pen.box(x - 250, 526, x + 250, 780)
    pen.polygon([(x - 130, 528), (x, 490), (x + 130, 528)])
    pen.box(x - 262, 522, x + 262, 536)
    pen.box(x - 640, 566, x + 640, 780)
    pen.box(x - 650, 560, x + 650, 572)
    for side in (-1, 1):
        pen.polygon([(x + side * 330, 562), (x + side * 430, 536), (x + side * 530, 562)])


def _colonnades(picture: Picture, x: float, light: Colour) -> None:
    with picture.pen(light, strength=0.55) as pen:
        for gap in range(-9, 10):
            pen.box(x + gap * 12 - 2.2, 402, x + gap * 12 + 2.2, 462)
        for gap in range(-8, 9):
            pen.box(x + gap * 12 - 1.5, 361, x + gap * 12 + 1.5, 381)
        for gap in range(-15, 16):
            pen.box(x + gap * 16 - 3, 548, x + gap * 16 + 3, 640)
        for gap in [*range(-34, -16), *range(17, 35)]:
            pen.box(x + gap * 18 - 3, 584, x + gap * 18 + 3, 640)
        for rib in range(-4, 5):
            pen.line([(x + rib * 23 * math.cos(t / 9), 345 - 152 * math.sin(t / 9)) for t in range(1, 13)], 1.4, 150)
    with picture.pen((255, 226, 160), blur=1) as pen:
        pen.box(x - 9, 166, x + 9, 188)


def _treetops(picture: Picture, colour: Colour) -> None:
    rng = picture.rng
    with picture.pen(colour) as pen:
        for _ in range(420):
            x = rng.uniform(-20, WIDTH + 20)
            lift = 90 * abs(x / WIDTH - 0.5) * 2
            pen.dot(x, 765 - lift * rng.uniform(0.3, 1.2), rng.uniform(8, 30))
        pen.polygon(down_to([(x, 752 - 70 * abs(x / WIDTH - 0.5) * 2) for x in range(-10, WIDTH + 40, 30)]))


def chamber(rng: random.Random) -> Picture:
    """Curved rows of empty seats around a rostrum."""
    wall, floor, seat, wood = colours("4a3a34 2c2422 7e2f34 9b7350")
    picture = Picture(rng, (0, mix(wall, (0, 0, 0), 0.35)), (0.3, wall), (0.42, mix(wall, wood, 0.35)), (1, floor))
    picture.glow((600, 250), 620, (240, 206, 160), 0.6)
    _panelling(picture, wood)
    for row in range(9):
        near = row / 8
        _row(
            picture,
            205 + 96 * row,
            250 + row * 66,
            (mix(wood, floor, 0.35 * near), mix(seat, (20, 10, 12), 0.28 * near)),
        )
    picture.glow((600, 330), 380, (255, 226, 180), 0.3)
    return picture


def _panelling(picture: Picture, wood: Colour) -> None:
    with picture.pen(mix(wood, (20, 14, 12), 0.35), strength=0.8) as pen:
        for panel in range(-9, 10):
            x = 600 + panel * 72
            pen.box(x - 28, 20, x + 28, 205)
    with picture.pen(mix(wood, (255, 235, 200), 0.3), strength=0.5) as pen:
        for panel in range(-9, 10):
            pen.line([(600 + panel * 72 - 28, 205), (600 + panel * 72 - 28, 20), (600 + panel * 72 + 28, 20)], 1.5)
    with picture.pen(mix(wood, (20, 12, 10), 0.45)) as pen:
        pen.polygon([(455, 300), (470, 196), (730, 196), (745, 300)])
    with picture.pen(wood) as pen:
        pen.box(460, 186, 740, 200)
        pen.polygon([(528, 196), (536, 118), (664, 118), (672, 196)])
    with picture.pen((44, 28, 28)) as pen:
        pen.polygon([(566, 190), (572, 66), (628, 66), (634, 190)])


def _row(picture: Picture, reach: float, top: float, tones: tuple[Colour, Colour]) -> None:
    desk, seat = tones

    def at(angle: float, lift: float = 0, out: float = 0) -> Point:
        return 600 + (reach + out) * 1.2 * math.cos(angle), top + (reach + out) * 0.26 * math.sin(angle) - lift

    size = 0.55 + reach / 900
    count = int(reach / (14 * size) * 1.05)
    angles = [math.pi * (0.02 + 0.96 * (n + 0.5) / count) for n in range(count)]
    with picture.pen((16, 10, 10), blur=5, strength=0.6) as pen:
        pen.line([at(math.pi * n / 40, -20 * size) for n in range(41)], 26 * size)
    places = [at(angle) for angle in angles]
    with picture.pen(seat) as pen:
        for x, y in places:
            pen.ellipse(x, y - 20 * size, 14.5 * size, 9 * size)
            pen.box(x - 14.5 * size, y - 20 * size, x + 14.5 * size, y + 8 * size)
    with picture.pen(mix(seat, (255, 214, 180), 0.3), blur=1.2, strength=0.75) as pen:
        for x, y in places:
            pen.ellipse(x, y - 25 * size, 11 * size, 3 * size)
    with picture.pen((24, 8, 10), blur=2.5, strength=0.5) as pen:
        for x, y in places:
            pen.box(x - 14 * size, y - 6 * size, x + 14 * size, y + 8 * size)
    front = [at(math.pi * n / 60, -4 * size) for n in range(61)]
    with picture.pen(mix(desk, (30, 20, 16), 0.45)) as pen:
        pen.polygon([*front, *[(x, y + 26 * size) for x, y in reversed(front)]])
    with picture.pen(mix(desk, (255, 230, 190), 0.15)) as pen:
        pen.line(front, 5 * size)


def table(rng: random.Random) -> Picture:
    """A long negotiating table, empty but for its flags."""
    wall, light, wood, dark = rng.choice(
        [colours("6d7a80 f3ead9 8c5f3f 22262a"), colours("7b6f69 f4e3cc 6b4a3a 241f20")]
    )
    picture = Picture(
        rng, (0, mix(wall, dark, 0.35)), (0.42, wall), (0.44, mix(wall, dark, 0.55)), (1, mix(wall, dark, 0.75))
    )
    _tall_windows(picture, light)
    picture.glow((600, 250), 520, light, 0.55)
    with picture.pen(dark, blur=22, strength=0.7) as pen:
        pen.polygon([(380, 430), (820, 430), (1180, 800), (20, 800)])
    for seat in range(6):
        _chairs(picture, seat / 5, dark)
    top = gradient((0, wood), (0.48, mix(wood, light, 0.65)), (0.75, wood), (1, mix(wood, dark, 0.4)))
    with picture.pen(top) as pen:
        pen.polygon([(425, 395), (775, 395), (1075, 810), (125, 810)])
    with picture.pen(light, blur=14, strength=0.35) as pen:
        for left in (470, 575, 680):
            pen.polygon(
                [
                    (left, 396),
                    (left + 50, 396),
                    (left + (left - 575) * 0.9 + 60, 640),
                    (left + (left - 575) * 0.9 - 20, 640),
                ]
            )
    _flags(picture, rng)
    return picture


def _tall_windows(picture: Picture, light: Colour) -> None:
    with picture.pen(light, blur=1.2, strength=0.92) as pen:
        for x in (180, 390, 600, 810, 1020):
            pen.box(x - 58, 50, x + 58, 310)
    with picture.pen((96, 98, 96), strength=0.8) as pen:
        for x in (180, 390, 600, 810, 1020):
            pen.box(x - 2, 50, x + 2, 310)
            for y in (135, 222):
                pen.box(x - 58, y - 2, x + 58, y + 2)
    with picture.pen((120, 104, 92), blur=6, strength=0.6) as pen:
        for x in (75, 285, 495, 705, 915, 1125):
            pen.box(x - 36, 30, x + 36, 325)


def _edge(share: float, side: int) -> Point:
    """A point on the table's long edge: share 0 is far, 1 is near."""
    depth = share**1.6
    return 600 + side * (175 + 300 * depth), 395 + 415 * depth


def _chairs(picture: Picture, share: float, dark: Colour) -> None:
    leather = mix(dark, (122, 82, 58), 0.55)
    for side in (-1, 1):
        x, y = _edge(0.06 + 0.86 * share, side)
        size = 0.4 + 1.15 * share**1.4
        x += side * 40 * size
        back = [(x - 30 * size, y + 84 * size), (x - 34 * size, y - 58 * size), (x - 22 * size, y - 74 * size)]
        back += [(2 * x - px, py) for px, py in reversed(back)]
        with picture.pen(gradient((0, leather), (y / HEIGHT, mix(leather, dark, 0.4)), (1, dark))) as pen:
            pen.polygon(back)
        with picture.pen(mix(leather, (255, 235, 210), 0.45), blur=1.5, strength=0.6) as pen:
            pen.line(back[1:5], 3 * size)


def _flags(picture: Picture, rng: random.Random) -> None:
    bands = colours("8f2d2f 2f4a6b d9a441 e9e3d4 3f6b52")
    for place in range(5):
        for side in (-1, 1):
            x, y = _edge(0.1 + 0.18 * place, side)
            size = 0.4 + 0.22 * place
            x -= side * 46 * size
            _flag(picture, (x, y), size, rng.sample(bands, 3))


def _flag(picture: Picture, foot: Point, size: float, bands: list[Colour]) -> None:
    x, y = foot
    with picture.pen((30, 22, 18), blur=4, strength=0.45) as pen:
        pen.ellipse(x + 8 * size, y + 3, 34 * size, 6 * size)
    with picture.pen((226, 222, 210)) as pen:
        pen.polygon(
            [
                (x - 58 * size, y + 22 * size),
                (x - 14 * size, y + 22 * size),
                (x - 10 * size, y + 4 * size),
                (x - 48 * size, y + 4 * size),
            ]
        )
    with picture.pen((60, 50, 44)) as pen:
        pen.line([(x, y), (x, y - 112 * size)], 3 * size)
        pen.ellipse(x, y, 13 * size, 4.5 * size)
    for band, colour in enumerate(bands):
        top = y - (110 - 18 * band) * size
        wave = [(x + t * 7.5 * size, top + 4 * size * math.sin(t * 0.8)) for t in range(11)]
        with picture.pen(colour) as pen:
            pen.polygon([*wave, *[(px, py + 18.5 * size) for px, py in reversed(wave)]])


def rain(rng: random.Random) -> Picture:
    """City lights behind rain on a window."""
    dark, cold, warm, hot = rng.choice([colours("1c2530 6f8ea0 e8b46a d9694a"), colours("231f2c 8c86a8 f0c488 c25a5a")])
    picture = Picture(rng, (0, mix(dark, cold, 0.2)), (0.55, mix(dark, warm, 0.22)), (1, dark))
    pale = mix(warm, (255, 255, 255), 0.6)
    for colour, count, wide in ((cold, 22, 62), (hot, 12, 48), (warm, 26, 54), (pale, 10, 34)):
        with picture.pen(colour, blur=6) as pen:
            for _ in range(count):
                place = (rng.uniform(0, WIDTH), rng.gauss(440, 120))
                pen.dot(*place, rng.uniform(0.5, 1.4) * wide, rng.randrange(70, 235))
    picture.paint(mix(cold, dark, 0.5), levels(clouds(rng, 6, 10, 3), 100, 230, 0.3))
    behind = picture.image.reduce(4).rotate(180).point(lambda value: min(255, round(value * 1.35 + 12)))
    through = behind.resize((WIDTH, HEIGHT))
    drops = [(rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), min(26.0, 3 + rng.expovariate(0.22))) for _ in range(430)]
    _trails(picture, drops, mix(cold, dark, 0.3))
    with picture.pen((8, 10, 14), blur=2, strength=0.55) as pen:
        for x, y, size in drops:
            pen.ellipse(x, y - size * 0.12, size, size * 1.16)
    with picture.pen(through) as pen:
        for x, y, size in drops:
            pen.ellipse(x, y, size * 0.88, size * 1.02)
    _highlights(picture, drops)
    return picture


def _trails(picture: Picture, drops: list[tuple[float, float, float]], colour: Colour) -> None:
    heavy = 16
    with picture.pen(colour, blur=2, strength=0.35) as pen:
        for x, y, size in drops:
            if size > heavy:
                path = [(x + 3 * math.sin(step * 1.7 + size), y - size * step) for step in range(12)]
                pen.line(path, size * 0.45)


def _highlights(picture: Picture, drops: list[tuple[float, float, float]]) -> None:
    with picture.pen((10, 12, 16), blur=1.5, strength=0.5) as pen:
        for x, y, size in drops:
            pen.ellipse(x, y - size * 0.62, size * 0.6, size * 0.32)
    with picture.pen((255, 250, 240), blur=1, strength=0.8) as pen:
        for x, y, size in drops:
            pen.ellipse(x + size * 0.12, y + size * 0.6, size * 0.46, size * 0.18, 170)
            pen.dot(x - size * 0.3, y - size * 0.42, size * 0.12)
