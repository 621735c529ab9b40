"""Writes the small Parquet files that tests read, with pyarrow.

    pip install pyarrow
    python parquet_files.py ../../crates/kusari/tests/reference/parquet
"""

import datetime
import decimal
import pathlib
import sys

import pyarrow
import pyarrow.parquet

ROWS = 40


def column(kind, values):
    return pyarrow.array([None if i % 7 == 3 else v for i, v in enumerate(values)], kind)


def table():
    day = datetime.date(2020, 1, 1)
    noon = datetime.datetime(2020, 1, 1, 12)
    return pyarrow.table(
        {
            "whole": pyarrow.array(range(ROWS), "int64"),
            "small": column("int8", [i - 20 for i in range(ROWS)]),
            "unsigned": column("uint32", [4_000_000_000 + i for i in range(ROWS)]),
            "single": column("float32", [i / 4 for i in range(ROWS)]),
            "double": column("float64", [-i / 8 for i in range(ROWS)]),
            "truth": column("bool", [i % 2 == 0 for i in range(ROWS)]),
            "money": column(pyarrow.decimal128(12, 2), [decimal.Decimal(i - 20) / 4 for i in range(ROWS)]),
            "day": column("date32", [day + datetime.timedelta(days=i) for i in range(ROWS)]),
            "time": column(pyarrow.timestamp("us"), [noon + datetime.timedelta(hours=i) for i in range(ROWS)]),
            "nano": column(pyarrow.timestamp("ns"), [noon + datetime.timedelta(hours=i) for i in range(ROWS)]),
            "word": column("string", [f"鎖{i % 3}" for i in range(ROWS)]),
            "list": pyarrow.array([[i, i] for i in range(ROWS)]),
            "class": pyarrow.array(["low" if i < ROWS // 2 else "high" for i in range(ROWS)]),
        }
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    for compression in ["snappy", "gzip", "none", "zstd"]:
        path = folder / f"{compression}.parquet"
        pyarrow.parquet.write_table(table(), path, compression=compression, row_group_size=25, store_schema=False)


if __name__ == "__main__":
    main()
