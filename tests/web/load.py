"""Sends notes to a server from a process of its own, so many at a time for so many seconds, and prints what came back as JSON.

python tests/web/load.py ADDRESS SECONDS AT_A_TIME
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

import httpx

SAMPLES = Path(__file__).parents[2] / "sample_notes"


async def load(address: str, seconds: float, at_a_time: int) -> dict[str, object]:
    notes = [p.read_text(encoding="utf-8") for p in sorted(SAMPLES.glob("*.txt"))]
    statuses: Counter[str] = Counter()
    took: list[float] = []
    until = time.monotonic() + seconds

    async def one(client: httpx.AsyncClient, number: int) -> None:
        while time.monotonic() < until:
            start = time.monotonic()
            try:
                answer = await client.post("/api/check", json={"text": notes[number % len(notes)], "codes": "M54.5 M51.16"})
                statuses[str(answer.status_code)] += 1
                if answer.status_code == 503:
                    await asyncio.sleep(float(answer.headers["retry-after"]))
                else:
                    took.append(time.monotonic() - start)
            except httpx.HTTPError as e:
                statuses[type(e).__name__] += 1
            number += 1

    limits = httpx.Limits(max_connections=at_a_time, max_keepalive_connections=at_a_time)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        await asyncio.gather(*(one(client, n) for n in range(at_a_time)))
    took.sort()
    return {
        "statuses": statuses,
        "per_second": round(len(took) / seconds, 1),
        "p50": round(took[len(took) // 2], 3),
        "p95": round(took[int(len(took) * 0.95)], 3),
        "longest": round(took[-1], 3),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))))
