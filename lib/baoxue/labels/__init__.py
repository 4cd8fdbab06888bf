"""Who left within the horizon after a day: a dated event, known by a later day, among pupils who could still leave."""

from baoxue.labels.definitions import DEFINITIONS
from baoxue.labels.examples import Examples, examples, learnable, relabelled, settled
from baoxue.labels.standing import NOT_AT_RISK, standing
from baoxue.labels.within import EXCLUSIONS, left_within

__all__ = [
    "DEFINITIONS",
    "EXCLUSIONS",
    "NOT_AT_RISK",
    "Examples",
    "examples",
    "learnable",
    "left_within",
    "relabelled",
    "settled",
    "standing",
]
