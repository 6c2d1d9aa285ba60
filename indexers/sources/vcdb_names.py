"""What the ids of ACES elements are called in the operator's VCdb folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from indexers.sources.reference import table

Names = Mapping[str, Mapping[str, str]]
"""ACES element → id → its name."""


class Named(NamedTuple):
    """A table that names the ids of elements: its id column, and the columns that together are the name."""

    table: str
    key: str
    columns: tuple[str, ...]
    elements: tuple[str, ...]


_PLAIN = (
    "Aspiration", "BodyType", "BrakeABS", "BrakeSystem", "CylinderHeadType", "DriveType", "EngineDesignation",
    "EngineVIN", "FuelDeliverySubType", "FuelDeliveryType", "FuelSystemControlType", "FuelSystemDesign", "FuelType",
    "IgnitionSystemType", "MfrBodyCode", "Region", "SteeringSystem", "SteeringType", "SubModel", "BedType", "Make",
    "Model", "VehicleType", "TransmissionType", "TransmissionControlType",
)  # fmt: skip
"""Elements of which table, id and name are called alike: `BodyType`, `BodyTypeID`, `BodyTypeName`."""

NAMED = (
    *(Named(name, f"{name}ID", (f"{name}Name",), (name,)) for name in _PLAIN),
    Named("BedLength", "BedLengthID", ("BedLength",), ("BedLength",)),
    Named("BodyNumDoors", "BodyNumDoorsID", ("BodyNumDoors",), ("BodyNumDoors",)),
    Named("BrakeType", "BrakeTypeID", ("BrakeTypeName",), ("FrontBrakeType", "RearBrakeType")),
    Named("ElecControlled", "ElecControlledID", ("ElecControlled",), ("TransElecControlled",)),
    Named("EngineVersion", "EngineVersionID", ("EngineVersion",), ("EngineVersion",)),
    Named("Mfr", "MfrID", ("MfrName",), ("EngineMfr", "TransmissionMfr", "Mfr")),
    Named("PowerOutput", "PowerOutputID", ("HorsePower", "KilowattPower"), ("PowerOutput",)),
    Named("SpringType", "SpringTypeID", ("SpringTypeName",), ("FrontSpringType", "RearSpringType")),
    Named("TransmissionMfrCode", "TransmissionMfrCodeID", ("TransmissionMfrCode",), ("TransmissionMfrCode",)),
    Named("TransmissionNumSpeeds", "TransmissionNumSpeedsID", ("TransmissionNumSpeeds",), ("TransmissionNumSpeeds",)),
    Named("Valves", "ValvesID", ("ValvesPerEngine",), ("ValvesPerEngine",)),
    Named("WheelBase", "WheelBaseID", ("WheelBase",), ("WheelBase",)),
)

SAYS_NOTHING = frozenset({"", "-", "n/a", "n/r", "u/k"})


def names_of_ids(folder: Path) -> Names:
    """Names by element and id; an element without its table is left out, an id without a name is too."""
    found: dict[str, dict[str, str]] = {}
    for named in NAMED:
        names = {row.get(named.key.lower(), ""): _name(row, named) for row in table(folder, named.table)}
        told = {number: name for number, name in names.items() if number and name}
        found.update({element: told for element in named.elements if told})
    engines = {number: name for number, (name, _, _) in engine_bases(folder).items() if name}
    if engines:
        found["EngineBase"] = engines
    bases = _bases(folder, found.get("Make", {}), found.get("Model", {}))
    return {**found, "BaseVehicle": bases} if bases else found


def engine_bases(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Name as people say it (`2.0L L4`), litres and cylinders of each engine base."""
    found = {}
    for row in table(folder, "EngineBase"):
        litres, block, count = (said(row.get(name)) for name in ("liter", "blocktype", "cylinders"))
        name = " ".join(filter(None, (f"{litres}L" if litres else "", f"{block}{count}")))
        found[row.get("enginebaseid", "")] = (name, litres, count)
    return found


def said(text: str | None) -> str:
    """The text, `""` where it stands for none."""
    return "" if text is None or text.lower() in SAYS_NOTHING else text


def _name(row: Mapping[str, str], named: Named) -> str:
    words = [said(row.get(column.lower())) for column in named.columns]
    units = ("hp", "kW") if named.table == "PowerOutput" else ("",) * len(words)
    return " / ".join(f"{word} {unit}".strip() for word, unit in zip(words, units, strict=True) if word)


def _bases(folder: Path, makes: Mapping[str, str], models: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for row in table(folder, "BaseVehicle"):
        make, model = makes.get(row.get("makeid", "")), models.get(row.get("modelid", ""))
        if make and model:
            found[row.get("basevehicleid", "")] = " ".join(filter(None, (row.get("yearid", ""), make, model)))
    return found
