"""From files to the rows of a Spark DataFrame, each with the place it has in the input, in partitions of even size."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notecheck.failures import InputError
from notecheck.read import encoding
from notecheck.read.columns import Columns, Found, Tell

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_KINDS = {".parquet": "parquet", ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_JAVA = {"utf-16-le": "utf-16le", "utf-16-be": "utf-16be"}  # encodings that Java names otherwise
_AS_BYTES = "iso-8859-1"  # keeps each byte, so that a worker can decode a cell as every export is decoded
_DELIMITERS = ",;\t|"
_NOTES, _CHARACTERS = 256, 4_000_000  # of a partition: large enough to hide the cost of a task, small enough to hold several at once
_PLACE = ("file", "block", "place")  # together, where a row stands in the input
_ASK = "give a .parquet, .csv or .jsonl file, a folder of one kind of them, or a Delta table; the other formats are read without --engine spark"


def rows(spark: SparkSession, source: str, columns: Columns, tell: Tell) -> DataFrame:
    """The records of the source: `source` (the file's address) and a note's fields by our names, or a `line` of JSON, as bytes.

    Rows of a CSV have `stray` where they do not fit the header, and `as_bytes` where their cells are still to be decoded. The partitions, and
    the rows in each, are in the order of the input: files by path, rows as they stand. Raises InputError where the source cannot be read or
    holds nothing.
    """
    read = {"parquet": _parquet, "delta": _delta, "csv": _csv, "jsonl": _lines}[_kind(source)]
    found = read(spark, source, columns, tell)
    return _in_order(found, source)


def _kind(source: str) -> str:
    path = Path(source)
    if "://" in source or source.startswith("dbfs:"):  # Spark's own to open; a folder without an ending is Spark's own format
        return _KINDS.get(Path(source.rstrip("/")).suffix.lower(), "parquet")
    if not path.exists():
        raise InputError(f"{source} does not exist; {_ASK}.")
    if (path / "_delta_log").is_dir():
        return "delta"
    kinds = {_KINDS.get(p.suffix.lower()) for p in files(path)}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None:
        raise InputError(f"{source} is not what Spark reads here; {_ASK}.")
    return kind


def files(path: Path) -> list[Path]:
    """The file, or the files of the folder without those that Spark and its like keep for themselves."""
    if path.is_file():
        return [path]
    every = (p for p in path.rglob("*") if p.is_file() and not any(part[0] in "._" for part in p.relative_to(path).parts))
    return sorted(every)


def _parquet(spark: SparkSession, source: str, columns: Columns, tell: Tell) -> DataFrame:
    return _table(spark.read.parquet(source), source, columns, tell)


def _delta(spark: SparkSession, source: str, columns: Columns, tell: Tell) -> DataFrame:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return _table(spark.read.format("delta").load(source), source, columns, tell)
    except (PySparkException, Py4JError):
        raise InputError(
            f"{source} is a Delta table, and this Spark has no Delta Lake; set spark.jars.packages and spark.sql.extensions for it in spark-defaults.conf."
        ) from None


def _lines(spark: SparkSession, source: str, columns: Columns, tell: Tell) -> DataFrame:
    from pyspark.sql import functions as F

    local = files(Path(source)) if Path(source).exists() else []
    for file in local:
        with file.open("rb") as stream:
            if not encoding.opened(stream, file.name).encoding.startswith("utf-8"):
                raise InputError(f"{file} is not UTF-8; Spark reads JSON Lines as UTF-8 only: save it again, or leave --engine spark out.")
    found = spark.read.text([str(f) for f in local] or source, lineSep="\n")
    return found.select(*_place(), F.col("value").cast("binary").alias("line")).where(F.length(F.trim("value")) > 0)


def _csv(spark: SparkSession, source: str, columns: Columns, tell: Tell) -> DataFrame:
    """Files whose headers, delimiters or encodings differ are read apart: Spark goes by the place of a column, not by its name.

    Where rows end in CRLF, Spark gives a CRLF within a cell as LF: offsets are those of the note with such line ends.
    """
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for file in files(Path(source)) if Path(source).exists() else [source]:
        alike[_layout(spark, file)].append(str(file))
    return reduce(
        lambda one, other: one.unionByName(other, allowMissingColumns=True),
        [_alike(spark, paths, columns, tell, *layout) for layout, paths in alike.items()],
    )


def _alike(
    spark: SparkSession, paths: list[str], columns: Columns, tell: Tell, charset: str, delimiter: str, header: tuple[str, ...]
) -> DataFrame:
    from pyspark.sql import functions as F

    found = _found(header, Path(paths[0]).name, columns, tell)
    names = [f"c{i}" for i in range(len(header))]
    schema = ", ".join(f"{name} string" for name in [*names, "stray"])
    table = spark.read.schema(schema).csv(
        paths,
        header=True,
        sep=delimiter,
        encoding=charset,
        quote='"',
        escape='"',
        multiLine=True,
        mode="PERMISSIVE",
        columnNameOfCorruptRecord="stray",
        maxCharsPerColumn=-1,
    )
    known = {field: tuple(names[header.index(name)] for name in columns_of) for field, columns_of in found.items()}
    stray, as_bytes = F.col("stray").isNotNull().alias("stray"), F.lit(charset == _AS_BYTES).alias("as_bytes")
    return table.select(*_place(), stray, as_bytes, *_fields(known))


def _layout(spark: SparkSession, file: Path | str) -> tuple[str, str, tuple[str, ...]]:
    """A CSV's encoding as Java names it, its delimiter and its header."""
    told = "utf-8"
    if isinstance(file, Path):
        with file.open("rb") as stream:
            text = encoding.opened(stream, file.name)
            told, first = text.encoding, text.readline(1 << 16)
    else:
        line = spark.read.text(file).first()
        first = line.value.removeprefix("\ufeff") if line else ""
    delimiter = max(_DELIMITERS, key=first.count)
    header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    if not header:
        raise InputError(f"{Path(file).name} is empty; a CSV needs a header row.")
    return _AS_BYTES if told.startswith("utf-8") else _JAVA.get(told, told), delimiter, tuple(header)


def _table(table: DataFrame, source: str, columns: Columns, tell: Tell) -> DataFrame:
    return table.select(*_place(), *_fields(_found(table.columns, Path(source).name, columns, tell)))


def _found(names: Sequence[str], source: str, columns: Columns, tell: Tell) -> Found:
    try:
        found = columns.find(names)
    except InputError as e:
        raise InputError(f"{source}: {e}") from None
    tell(source, found)
    return found


def fields(table: DataFrame, columns: Columns) -> list[Column]:
    """The columns of a table that are fields of a note, by our names. Raises InputError where one that is needed is not there."""
    return _fields(columns.find(table.columns))


def _fields(found: Found) -> list[Column]:
    from pyspark.sql import functions as F

    def column(name: str) -> Column:
        return F.col("`" + name.replace("`", "``") + "`")

    return [
        (column(names[0]) if len(names) == 1 else F.array(*(column(name).cast("string") for name in names))).alias(field)
        for field, names in found.items()
    ]


def _place() -> Sequence[Column]:
    """Spark hands out the largest pieces of files first, so that neither partitions nor the ids it gives are in the order of the input."""
    from pyspark.sql import functions as F

    return (
        F.col("_metadata.file_path").alias("file"),
        F.col("_metadata.file_block_start").alias("block"),
        F.monotonically_increasing_id().alias("place"),
    )


def _in_order(found: DataFrame, source: str) -> DataFrame:
    from pyspark.sql import functions as F

    text = "line" if "line" in found.columns else "text"
    counted: Any = found.agg(F.count("*").alias("rows"), F.sum(F.length(text)).alias("characters")).first()
    if not counted.rows:
        raise InputError(f"{source} holds no note; export it again.")
    parts = max(1, -(-counted.rows // _NOTES), -(-(counted.characters or 0) // _CHARACTERS))
    ordered = found.repartitionByRange(parts, *_PLACE).sortWithinPartitions(*_PLACE)
    return ordered.withColumnRenamed("file", "source").drop("block", "place")
