"""The places of the county: its townships by code, as params/policy/places.yaml lists them."""

from __future__ import annotations

from pydantic import Field

from baoxue import policy


class Place(policy.Policy):
    """A place: its Chinese name and its name in English text."""

    name: str
    name_en: str


class County(Place):
    """The county itself, with its six-digit code."""

    code: str = Field(pattern=r"^\d{6}$")


class Places(policy.Policy):
    """The content of params/policy/places.yaml: the county, and its townships by nine-digit code."""

    county: County
    townships: dict[str, Place]


def places() -> Places:
    """The places the county has set; PolicyError if the file does not fit."""
    return policy.load("places", Places)
