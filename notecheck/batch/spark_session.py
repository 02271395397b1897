"""A Spark of one's own for an audit: quiet, private, and on this machine reached by no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from notecheck.failures import InputError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = "Spark needs Java 17 or later: install one (such as OpenJDK 17) and set JAVA_HOME to it, or leave --engine spark out."

_SETTINGS = {
    "spark.app.name": "notecheck audit",
    "spark.ui.showConsoleProgress": "false",
    # A note may have a million characters; a batch must still fit in memory beside others.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "256",
    # Windows-1252, in which many exports still come, is not one of the few that Spark takes otherwise.
    "spark.sql.legacy.javaCharsets": "true",
    # A row of a CSV that has too few or too many cells is told by all of its columns, not by those that are wanted.
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.io.encryption.enabled": "true",  # what does not fit in memory, or moves between stages, is words of patients' notes
    "spark.python.worker.reuse": "true",  # each loads the patterns once
}
_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
_THRIFTY = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # here Java only hands notes over: the cores are for checking them
_SILENT = "status = off\nrootLogger.level = off\n"


@contextmanager
def session(master: str) -> Iterator[SparkSession]:
    """A session on this master (`local[2]`, `spark://…`, `yarn`), stopped at the end, its temporary files gone.

    It prints and logs nothing, since rows that Spark complains of would be quoted. Raises InputError where pyspark or Java is missing, or
    Spark does not start.
    """
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputError("--engine spark needs an extra: pip install 'notecheck[spark]'.") from None
    if not _java():
        raise InputError(JAVA)
    with tempfile.TemporaryDirectory(prefix="notecheck-spark-", ignore_cleanup_errors=True) as scratch:  # made for its owner alone
        local = master.startswith("local")
        settings = _SETTINGS | _places(Path(scratch), _THRIFTY if local else "") | (_LOCAL if local else {})
        conf = SparkConf().setMaster(master).setAll(list(settings.items()))
        with _environment(local):
            try:
                gateway = launch_gateway(conf, popen_kwargs={"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})
                context = SparkContext(conf=conf, gateway=gateway)
            except Exception:
                raise InputError(f"Spark does not start on {master}; look at --master, and at JAVA_HOME: {JAVA}") from None
        context.setLogLevel("OFF")
        try:
            yield SparkSession(context)
        finally:
            context.stop()
            gateway.shutdown()
            SparkContext._gateway = SparkContext._jvm = None  # the next session starts a Java of its own
            gateway.proc.stdin.close()  # at which Java ends
            gateway.proc.wait(30)


def _places(scratch: Path, options: str) -> dict[str, str]:
    """Where Spark puts what it writes: in a folder of ours, and its log nowhere."""
    settings = scratch / "log4j2.properties"
    settings.write_text(_SILENT)
    return {
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={settings.as_uri()} -Djava.io.tmpdir={scratch} {options}",
    }


@contextmanager
def _environment(local: bool) -> Iterator[None]:
    """The variables with which Spark is to start; afterwards they are as they were."""
    before = dict(os.environ)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # not whatever python3 is on the path
    if local:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java"))
