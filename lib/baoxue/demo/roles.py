"""What a child is in the files of the simulated county: a pupil, or one who is on some list and not at school."""

from __future__ import annotations

PUPIL = "pupil"
ELSEWHERE = "elsewhere"
"""On the household register, living and learning in another county."""

DEFERRED = "deferred"
"""Of school age in 2024, entry put off a year with approval (缓学)."""

NEVER_ENROLLED = "never_enrolled"
"""Planted: of school age here and at no school (失学)."""

UNREGISTERED = "unregistered"
"""Planted: sits in a class and stands on no registry (在校无籍)."""

NOT_ARRIVED = "not_arrived"
"""Planted: admitted to primary school in 2024 and never seen there (未报到)."""
