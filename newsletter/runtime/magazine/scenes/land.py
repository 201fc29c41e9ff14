"""Mountains, dunes, rice terraces, savanna, a winter border."""

import math
import random

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
    swell,
)
from newsletter.runtime.magazine.canvas import Pen, Picture


def mountains(rng: random.Random) -> Picture:
    """Ranges that fade into morning mist, with firs on the nearest."""
    sky, haze, sun, near = rng.choice([colours("8fa6b8 e6dccb fff1d6 1f2e3a"), colours("7a86a8 e9c9bd ffe3cf 2a2b42")])
    picture = Picture(rng, (0, sky), (0.55, haze), (1, haze))
    picture.glow((rng.uniform(300, 900), 300), 520, sun, 0.9)
    for layer in range(6):
        depth = (layer + 1) / 6
        line = ridge(rng, 280 + layer * 82, 190 - layer * 12, 0.54)
        colour = mix(haze, near, depth**1.5)
        foot = mix(colour, haze, 0.75 - 0.4 * depth)
        top = (250 + layer * 82) / HEIGHT
        with picture.pen(gradient((0, colour), (top, colour), (min(1, top + 0.25), foot))) as pen:
            pen.polygon(down_to(line))
            if tall := (0, 0, 0, 0, 14, 34)[layer]:
                _firs(pen, rng, line, tall)
    picture.mist(560, 690, haze, 0.35)
    return picture


def _firs(pen: Pen, rng: random.Random, line: list[Point], tall: float) -> None:
    for x, y in line:
        if chance(rng, 11 / tall):
            _fir(pen, (x + rng.uniform(-4, 4), y), tall * rng.uniform(0.5, 1.5))


def _fir(pen: Pen, foot: Point, height: float) -> None:
    x, y = foot
    for part in (1.0, 0.72, 0.44):
        half, skirt = height * 0.2 * part, y + 6 - height * (1 - part)
        pen.polygon([(x - half, skirt), (x, y - height * 0.98), (x + half, skirt)])


def dunes(rng: random.Random) -> Picture:
    """Dunes lit from one side, with a slip face in the shade under every crest."""
    sky, low, light, shade = rng.choice(
        [colours("c9d3d6 f1dcc0 e2b07a 7a4a36"), colours("a9a3bd ecc7b4 d39a78 5d3b4c")]
    )
    picture = Picture(rng, (0, sky), (0.45, low), (1, low))
    picture.glow((220, 270), 420, mix(low, (255, 250, 235), 0.7), 0.8)
    for layer in range(5):
        near = layer / 4
        line = swell(rng, 330 + 110 * layer, 26 + 24 * near, 1.2 + 0.5 * (1 - near))
        lit = mix(low, light, 0.35 + 0.65 * near)
        top = (300 + 110 * layer) / HEIGHT
        body = gradient((0, mix(lit, low, 0.3)), (top, mix(lit, low, 0.35)), (min(1, top + 0.3), mix(lit, shade, 0.35)))
        with picture.pen(body) as pen:
            pen.polygon(down_to(line))
        _slip_faces(picture, line, mix(lit, shade, 0.45 + 0.35 * near), 90 + 130 * near)
    ripples = levels(clouds(rng, 10, 160, 2), 120, 255, 0.18)
    ripples.paste(0, (0, 0, WIDTH, 350))
    picture.paint(shade, ripples)
    return picture


def _slip_faces(picture: Picture, line: list[Point], colour: Colour, deep: float) -> None:
    """Under each high point of `line`, the side away from the light."""
    heights = [y for _, y in line]
    for index in range(2, len(line) - 2):
        if heights[index] == min(heights[max(0, index - 8) : index + 9]):
            with picture.pen(colour, blur=1.2, strength=0.9) as pen:
                pen.polygon(_slip_face(line, index, deep))


def _slip_face(line: list[Point], peak: int, deep: float) -> list[Point]:
    x, y = line[peak]
    end = next((i for i in range(peak + 1, len(line)) if line[i][1] < line[i - 1][1]), len(line) - 1)
    crest = line[peak : end + 1]
    # The edge between light and shade winds down from the crest like an S.
    edge = [(x + deep * (0.15 * math.sin(t * 6.3) + 0.5 * t * t), y + deep * t) for t in [n / 24 for n in range(25)]]
    return [*crest, (crest[-1][0] + deep * 0.2, crest[-1][1] + 4), *reversed(edge)]


def terraces(rng: random.Random) -> Picture:
    """Flooded rice terraces, each step a mirror for the sky."""
    sky, haze, water, green = rng.choice(
        [colours("9db3bd ebe0c8 b9ccd0 37563a"), colours("b4b3c4 efd9c6 c9c3cf 4a5a34")]
    )
    picture = Picture(rng, (0, sky), (0.35, haze), (1, haze))
    picture.glow((rng.uniform(300, 900), 190), 420, (255, 246, 226), 0.8)
    for layer in range(3):
        with picture.pen(mix(haze, mix(green, (60, 90, 110), 0.5), 0.25 + 0.2 * layer)) as pen:
            pen.polygon(down_to(ridge(rng, 165 + 45 * layer, 130, 0.5)))
    picture.mist(170, 330, haze, 0.8)
    bends = [rng.uniform(0, 6) for _ in range(4)]
    y, step = 290.0, 6.0
    while y < HEIGHT + 130:
        near = min(1.0, (y - 290) / 510)
        _terrace(picture, _step_line(y, near, bends), near, (water, green, haze))
        y += step * rng.uniform(0.55, 1.45)
        step *= 1.12
    picture.mist(250, 380, haze, 0.35)
    return picture


def _step_line(y: float, near: float, bends: list[float]) -> list[Point]:
    # Two spurs of the hill swing every step up or down, so that terraces crowd on one side and open on the other.
    spur, hollow, edge, wobble = bends
    return [
        (
            x,
            y
            + (14 + 92 * near) * math.sin(x / 300 + spur + 0.9 * near)
            + (4 + 30 * near) * math.sin(x / 120 + hollow - 2.2 * near)
            + (1 + 9 * near) * math.sin(x / 43 + edge + 9 * near)
            + 3 * near * math.sin(x / 17 + wobble + 23 * near),
        )
        for x in range(-10, WIDTH + 20, 8)
    ]


def _terrace(picture: Picture, line: list[Point], near: float, tones: tuple[Colour, Colour, Colour]) -> None:
    water, green, haze = tones
    low, rng = max(y for _, y in line) + 150, picture.rng
    young = mix(green, (168, 172, 92), rng.uniform(0.25, 0.6))
    surface = mix(haze, water, 0.5 + 0.5 * near) if chance(rng, 0.62) else mix(haze, young, 0.45 + 0.5 * near)
    with picture.pen(surface) as pen:
        pen.polygon(down_to(line, low))
    bank = 1.5 + 12 * near
    with picture.pen(mix(haze, green, 0.5 + 0.5 * near)) as pen:
        pen.polygon([*line, *[(x, y + bank) for x, y in reversed(line)]])
    with picture.pen(mix(haze, (26, 36, 24), 0.4 + 0.5 * near), blur=1 + 3 * near, strength=0.6) as pen:
        pen.line([(x, y + bank * 1.1) for x, y in line], 2 + 6 * near)
    with picture.pen(mix(green, (226, 214, 150), 0.55), strength=0.7) as pen:
        pen.line(line, 0.8 + 1.6 * near)


def savanna(rng: random.Random) -> Picture:
    """Acacias before a low sun."""
    sky, low, sun, dark = rng.choice([colours("7f8fa0 f0b98a ffe9c4 2b211d"), colours("93839a e9a489 ffdcb8 2a1c24")])
    horizon = 560
    picture = Picture(rng, (0, sky), (horizon / HEIGHT, low), (1, low))
    picture.paint(mix(low, (255, 245, 230), 0.5), levels(clouds(rng, 2, 14, 3), 140, 230, 0.5))
    place = (rng.uniform(420, 780), horizon - rng.uniform(70, 110))
    picture.glow(place, 480, sun, 0.95)
    with picture.pen(mix(sun, (255, 255, 255), 0.4), blur=1.5) as pen:
        pen.dot(*place, 62)
    with picture.pen(mix(low, dark, 0.4)) as pen:
        pen.polygon(down_to(swell(rng, horizon - 18, 9)))
    with picture.pen(gradient((0, low), (horizon / HEIGHT, mix(low, dark, 0.45)), (1, dark))) as pen:
        pen.polygon(down_to(swell(rng, horizon + 6, 3)))
    picture.mist(horizon - 60, horizon + 15, mix(low, sun, 0.5), 0.55)
    with picture.pen(dark) as pen:
        for x, size in ((rng.uniform(140, 320), 1.0), (rng.uniform(850, 1050), 0.62), (rng.uniform(560, 680), 0.26)):
            _acacia(pen, rng, x, horizon + 10 + 70 * size, size)
        _grass(pen, rng)
    return picture


def _acacia(pen: Pen, rng: random.Random, x: float, foot: float, size: float) -> None:
    fork = (x + rng.uniform(-12, 12) * size, foot - 120 * size)
    trunk = 9 * size
    pen.polygon(
        [(x - 2 * trunk, foot), (fork[0] - trunk, fork[1]), (fork[0] + trunk, fork[1]), (x + 1.8 * trunk, foot)]
    )
    for reach in (-150, -85, -20, 45, 105, 160):
        tip = (x + (reach + rng.uniform(-20, 20)) * size, foot - rng.uniform(255, 300) * size)
        elbow = ((fork[0] + tip[0]) / 2, fork[1] - 70 * size)
        pen.line([fork, elbow, tip], 6 * size)
        for _ in range(60):
            leaf = (tip[0] + rng.gauss(0, 40) * size, tip[1] - abs(rng.gauss(0, 15)) * size)
            pen.ellipse(*leaf, rng.uniform(5, 20) * size, rng.uniform(2, 6) * size)


def _grass(pen: Pen, rng: random.Random) -> None:
    for _ in range(700):
        x, foot = rng.uniform(-10, WIDTH + 10), HEIGHT + 5
        height = rng.uniform(20, 90) * rng.random() + 14
        lean = rng.gauss(6, 9)
        pen.polygon([(x - 2, foot), (x + lean, foot - height), (x + 2, foot)])


def birches(rng: random.Random) -> Picture:
    """Birches in snow, and the post that says where a country ends."""
    sky, far, snow = colours("cfd6da a9b4bb f0f1ef")
    picture = Picture(rng, (0, sky), (0.6, mix(sky, snow, 0.5)), (0.7, snow), (1, mix(snow, far, 0.25)))
    for layer in range(3):
        with picture.pen(mix(sky, far, 0.35 + 0.3 * layer), blur=5 - layer * 1.5) as pen:
            for _ in range(34 - 8 * layer):
                x, wide = rng.uniform(0, WIDTH), rng.uniform(4, 9) * (1 + layer * 0.5)
                pen.polygon(
                    [
                        (x - wide / 2, 530 + 25 * layer),
                        (x - wide / 4, 0),
                        (x + wide / 4, 0),
                        (x + wide / 2, 530 + 25 * layer),
                    ]
                )
    picture.mist(300, 540, snow, 0.6)
    with picture.pen(mix(snow, far, 0.18), blur=6) as pen:
        pen.polygon(down_to(swell(rng, 640, 14)))
    post = rng.uniform(560, 660)
    for x in (70, 205, 330, 820, 985, 1120):
        _birch(picture, x + rng.uniform(-30, 30), rng.uniform(30, 58))
    _border_post(picture, post)
    return picture


def _birch(picture: Picture, x: float, wide: float) -> None:
    rng, foot, lean = picture.rng, picture.rng.uniform(640, 760), picture.rng.uniform(-20, 20)
    with picture.pen((150, 160, 170), blur=5, strength=0.35) as pen:
        pen.polygon([(x, foot - 4), (x + 260, foot + 42), (x + 260, foot + 60), (x, foot + 10)])
    for share, colour in ((1.0, (176, 176, 174)), (0.72, (226, 225, 220)), (0.4, (244, 243, 239))):
        left = x - wide / 2
        with picture.pen(colour, blur=wide / 12 if share < 1 else 0) as pen:
            pen.polygon(
                [(left, foot), (left + lean, -5), (left + lean + wide * 0.7 * share, -5), (left + wide * share, foot)]
            )
    with picture.pen((38, 36, 36), strength=0.85) as pen:
        for _ in range(26):
            y = rng.uniform(0, foot - 12)
            at = x - wide / 2 + lean * (1 - y / foot) + rng.uniform(0, 0.5) * wide
            pen.ellipse(at, y, rng.uniform(0.08, 0.3) * wide, rng.uniform(1.2, 4))


def _border_post(picture: Picture, x: float) -> None:
    with picture.pen((150, 160, 170), blur=5, strength=0.4) as pen:
        pen.polygon([(x, 690), (x + 230, 728), (x + 230, 744), (x, 702)])
    with picture.pen((240, 238, 232)) as pen:
        pen.box(x - 17, 380, x + 17, 700)
    with picture.pen((164, 48, 44)) as pen:
        for stripe in range(5):
            pen.box(x - 17, 392 + stripe * 64, x + 17, 424 + stripe * 64)
        pen.polygon([(x - 21, 380), (x, 362), (x + 21, 380)])
    with picture.pen((60, 40, 44), blur=5, strength=0.35) as pen:
        pen.box(x + 4, 380, x + 17, 700)
    with picture.pen((240, 241, 240), blur=2) as pen:
        pen.ellipse(x, 702, 46, 13)
