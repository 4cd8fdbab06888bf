"""The places of the county: its townships and school zones, as params/policy/places.yaml lists them."""

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
    """The content of params/policy/places.yaml: the county, its townships by nine-digit code, its school zones'
    English names by their Chinese ones."""

    county: County
    townships: dict[str, Place]
    zones: dict[str, str] = Field(default_factory=dict)

    def names(self, lang: str = "zh") -> dict[str, str]:
        """What a reader calls each township, by its code, and each school zone, by its Chinese name."""
        if lang == "zh":
            return {code: place.name for code, place in self.townships.items()}
        return {code: place.name_en for code, place in self.townships.items()} | self.zones


def places() -> Places:
    """The places the county has set; PolicyError if the file does not fit."""
    return policy.load("places", Places)
