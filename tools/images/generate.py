#!/usr/bin/env python3
"""Makes folders of pictures: many to measure with, or the few that the tests read. Needs Pillow and NumPy.

    generate.py FOLDER                        20,000 JPEGs of 64 x 64 pixels in ten classes
    generate.py FOLDER --count 600 --size 40 --classes 3 --format png
    generate.py --samples crates/kusari/tests/data/pictures

A class is a shape and a colour of its own, somewhere on a noisy ground; the same arguments give the same files.
"""
import argparse
import math
import pathlib

import numpy as np
from PIL import Image, ImageDraw


def shape(draw, kind, x, y, r, turn, colour):
    """Polygons of 3, 4, 5, … corners, every second class a star of them."""
    corners, star = 3 + kind // 2, kind % 2
    points = []
    for i in range(corners * (2 if star else 1)):
        radius = r * (0.45 if star and i % 2 else 1.0)
        angle = turn + 2 * math.pi * i / (corners * (2 if star else 1))
        points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    draw.polygon(points, fill=colour)


def picture(rng, kind, size):
    ground = rng.integers(40, 160, 3)
    noise = rng.normal(0, 25, (size, size, 1)) + rng.normal(0, 8, (size, size, 3))
    image = Image.fromarray(np.clip(ground + noise, 0, 255).astype(np.uint8))
    r = size * rng.uniform(0.18, 0.4)
    x, y = rng.uniform(r, size - r, 2)
    colour = tuple(int(v) for v in (ground + rng.integers(60, 110, 3) * rng.choice([-1, 1], 3)).clip(0, 255))
    shape(ImageDraw.Draw(image), kind, x, y, r, rng.uniform(0, 2 * math.pi), colour)
    return image


def many(folder, count, size, classes, form):
    for kind in range(classes):
        (folder / f"class{kind}").mkdir(parents=True, exist_ok=True)
    for i in range(count):
        image = picture(np.random.default_rng(i), i % classes, size)
        image.save(folder / f"class{i % classes}" / f"{i:05}.{form}", quality=90)


def samples(folder):
    """One picture, 16 x 12, in every way that is read: red, green, blue, white; in grey 40, 100, 160, 220."""
    folder.mkdir(parents=True, exist_ok=True)

    def quarters(values, mode):
        image = Image.new(mode, (16, 12))
        for i, value in enumerate(values):
            image.paste(value, (8 * (i % 2), 6 * (i // 2), 8 * (i % 2) + 8, 6 * (i // 2) + 6))
        return image

    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    rgb, grey = quarters(colours, "RGB"), quarters([40, 100, 160, 220], "L")
    # What is transparent lies on white.
    rgba = quarters([c + (255,) for c in colours[:3]] + [(9, 9, 9, 0)], "RGBA")
    held = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Exif's number, and Pillow's operation that stores it so

    def save(name, image, **options):
        image.save(folder / name, **options)

    def exif(number):
        data = Image.Exif()
        data[0x0112] = number
        return data

    save("rgb.png", rgb)
    save("rgba.png", rgba)
    save("grey.png", grey)
    save("grey_alpha.png", Image.merge("LA", (grey, Image.new("L", grey.size, 255))))
    save("palette.png", rgb.quantize(4))
    save("bits.png", grey.point(lambda v: 255 * (v > 128)).convert("1"))
    save("grey16.png", Image.fromarray((np.array(grey).astype(np.uint16) * 257)))
    save("rgb.jpg", rgb, quality=95, subsampling=0)
    save("progressive.jpg", rgb, quality=95, subsampling=0, progressive=True)
    save("grey.jpg", grey, quality=95)
    save("cmyk.jpg", rgb.convert("CMYK"), quality=95)
    for number, operation in held.items():
        save(f"exif{number}.jpg", rgb.transpose(operation), quality=95, subsampling=0, exif=exif(number))
    save("exif6.png", rgb.transpose(held[6]), exif=exif(6))
    save("exif6.webp", rgb.transpose(held[6]), lossless=True, exif=exif(6))
    save("rgb.gif", rgb)
    save("animated.gif", rgb, save_all=True, append_images=[rgb.point(lambda v: 255 - v)], duration=100)
    save("lossy.webp", rgb, quality=95)
    save("lossless.webp", rgb, lossless=True)
    save("rgba.webp", rgba, lossless=True)
    save("animated.webp", rgb, save_all=True, append_images=[rgb.point(lambda v: 255 - v)], lossless=True)
    save("rgb.bmp", rgb)
    save("grey.bmp", grey)
    save("palette.bmp", rgb.quantize(4))
    save("rgba.bmp", rgb.convert("RGBA"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--samples", action="store_true")
    arguments.add_argument("--count", type=int, default=20_000)
    arguments.add_argument("--size", type=int, default=64)
    arguments.add_argument("--classes", type=int, default=10)
    arguments.add_argument("--format", default="jpg")
    given = arguments.parse_args()
    if given.samples:
        samples(given.folder)
    else:
        many(given.folder, given.count, given.size, given.classes, given.format)


if __name__ == "__main__":
    main()
