"""Writes .npz files whose bytes depend only on the arrays."""

import io
import pathlib
import zipfile

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "crates/kusari/tests/reference"


def write(name, arrays):
    """Write the arrays to the folder of fixtures, compressed, with a fixed time stamp."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    with zipfile.ZipFile(path, "w") as archive:
        for key in sorted(arrays):
            entry = zipfile.ZipInfo(key + ".npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asanyarray(arrays[key]), allow_pickle=False)
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)
    print(f"{name}: {len(arrays)} arrays, {path.stat().st_size} bytes")
