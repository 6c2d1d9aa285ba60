"""VCdb as the vehicle table: a row for every vehicle (base vehicle, sub-model, region) with the ids and names of its
possible engines, drives, bodies, brakes …; a list means one of these, for the database does not say which go together.

Ids stand under the names that ACES uses (`BaseVehicle`, `EngineBase` …), so that applications match them; the standard
attributes (`engine`, `drive`, `fuel` …) carry what people know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import Block
from indexers.sources.delimited import blocks_of
from indexers.sources.reference import table
from indexers.sources.vcdb_names import SAYS_NOTHING, engine_bases


class Link(NamedTuple):
    """Vehicles to configurations: the table that links them, the configuration table, ACES name → its column."""

    link: str
    config: tuple[str, ...]
    key: str
    columns: Mapping[str, str]


LINKS = (
    Link("VehicleToEngineConfig", ("EngineConfig2", "EngineConfig"), "EngineConfigID", {
        "EngineBase": "EngineBaseID", "EngineBlock": "EngineBlockID", "EngineBoreStroke": "EngineBoreStrokeID",
        "EngineDesignation": "EngineDesignationID", "EngineVIN": "EngineVINID", "EngineVersion": "EngineVersionID",
        "EngineMfr": "EngineMfrID", "PowerOutput": "PowerOutputID", "ValvesPerEngine": "ValvesID",
        "FuelDeliveryConfig": "FuelDeliveryConfigID", "Aspiration": "AspirationID",
        "CylinderHeadType": "CylinderHeadTypeID", "FuelType": "FuelTypeID",
        "IgnitionSystemType": "IgnitionSystemTypeID"}),
    Link("VehicleToTransmission", ("Transmission",), "TransmissionID", {
        "TransmissionBase": "TransmissionBaseID", "TransmissionMfrCode": "TransmissionMfrCodeID",
        "TransElecControlled": "TransmissionElecControlledID", "TransmissionMfr": "TransmissionMfrID"}),
    Link("VehicleToDriveType", (), "DriveTypeID", {"DriveType": "DriveTypeID"}),
    Link("VehicleToBodyStyleConfig", ("BodyStyleConfig",), "BodyStyleConfigID", {
        "BodyNumDoors": "BodyNumDoorsID", "BodyType": "BodyTypeID"}),
    Link("VehicleToMfrBodyCode", (), "MfrBodyCodeID", {"MfrBodyCode": "MfrBodyCodeID"}),
    Link("VehicleToBedConfig", ("BedConfig",), "BedConfigID", {"BedLength": "BedLengthID", "BedType": "BedTypeID"}),
    Link("VehicleToWheelbase", (), "WheelBaseID", {"WheelBase": "WheelBaseID"}),
    Link("VehicleToBrakeConfig", ("BrakeConfig",), "BrakeConfigID", {
        "FrontBrakeType": "FrontBrakeTypeID", "RearBrakeType": "RearBrakeTypeID", "BrakeSystem": "BrakeSystemID",
        "BrakeABS": "BrakeABSID"}),
    Link("VehicleToSpringTypeConfig", ("SpringTypeConfig",), "SpringTypeConfigID", {
        "FrontSpringType": "FrontSpringTypeID", "RearSpringType": "RearSpringTypeID"}),
    Link("VehicleToSteeringConfig", ("SteeringConfig",), "SteeringConfigID", {
        "SteeringType": "SteeringTypeID", "SteeringSystem": "SteeringSystemID"}),
)  # fmt: skip

DEEPER = {
    "FuelDeliveryConfig": ("FuelDeliveryConfig", "FuelDeliveryConfigID", {
        "FuelDeliveryType": "FuelDeliveryTypeID", "FuelDeliverySubType": "FuelDeliverySubTypeID",
        "FuelSystemControlType": "FuelSystemControlTypeID", "FuelSystemDesign": "FuelSystemDesignID"}),
    "TransmissionBase": ("TransmissionBase", "TransmissionBaseID", {
        "TransmissionType": "TransmissionTypeID", "TransmissionNumSpeeds": "TransmissionNumSpeedsID",
        "TransmissionControlType": "TransmissionControlTypeID"}),
}  # fmt: skip
"""Configurations that refer to further ones. `FuelDeliveryConfig` itself is nothing that ACES asks for."""

UNASKED = "FuelDeliveryConfig"

NAMED = {
    "trim": ("SubModel", "SubModelName"), "drive": ("DriveType", "DriveTypeName"), "fuel": ("FuelType", "FuelTypeName"),
    "aspiration": ("Aspiration", "AspirationName"), "body": ("BodyType", "BodyTypeName"),
    "doors": ("BodyNumDoors", "BodyNumDoors"), "transmission": ("TransmissionType", "TransmissionTypeName"),
    "speeds": ("TransmissionNumSpeeds", "TransmissionNumSpeeds"), "region": ("Region", "RegionName"),
}  # fmt: skip
"""Standard attribute → the table that names its ids, and the column."""


@dataclass(frozen=True)
class VcdbPiece:
    """One VCdb folder, read for vehicles."""

    file: Path
    kind: RowKind = RowKind.VEHICLES

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(one.stat().st_size for one in self.file.iterdir())

    @property
    def renumbers(self) -> bool:
        """Rows are counted through the table."""
        return False

    def blocks(self) -> Iterator[Block]:
        """Vehicle rows, in the order of the Vehicle table. Raises `UnreadableSource` for a folder that is no VCdb."""
        yield from blocks_of(enumerate(self._rows(), 2))

    def _rows(self) -> Iterator[dict[str, Any]]:
        bases = {row["basevehicleid"]: row for row in table(self.file, "BaseVehicle") if "basevehicleid" in row}
        if not bases or not self._makes or not self._models:
            raise UnreadableSource(str(self.file), "a VCdb folder needs the tables Make, Model and BaseVehicle")
        seen = set()
        for vehicle in table(self.file, "Vehicle"):
            base = bases.get(vehicle.get("basevehicleid", ""))
            if base is not None:
                seen.add(base["basevehicleid"])
                yield self._row(f"VCdb:{vehicle['vehicleid']}", base, vehicle)
        for number, base in bases.items():
            if number not in seen:
                yield self._row(f"BaseVehicle:{number}", base, {})

    def _row(self, vehicle_id: str, base: Mapping[str, str], vehicle: Mapping[str, str]) -> dict[str, Any]:
        make, model = base.get("makeid", ""), base.get("modelid", "")
        ids: dict[str, list[str]] = {
            "BaseVehicle": [base["basevehicleid"]], "Make": [make], "Model": [model],
            "VehicleType": _known([self._models.get(model, {}).get("vehicletypeid", "")]),
            "SubModel": _known([vehicle.get("submodelid", "")]), "Region": _known([vehicle.get("regionid", "")]),
        }  # fmt: skip
        for name, numbers in self._configured.get(vehicle.get("vehicleid", ""), {}).items():
            ids[name] = sorted(numbers, key=_by_number)
        year = base.get("yearid", "")
        return {
            "vehicle_id": vehicle_id,
            "make": self._makes.get(make, f"Make {make}"),
            "model": self._models.get(model, {}).get("modelname") or f"Model {model}",
            "year": int(year) if year.isdigit() else None,
            "ids": {name: _value(numbers) for name, numbers in ids.items() if numbers and name != UNASKED},
            "attributes": {name: _value(found) for name, found in self._attributes(ids).items() if found},
        }

    def _attributes(self, ids: Mapping[str, list[str]]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for attribute, (name, _) in NAMED.items():
            texts = [self._names[attribute].get(number, "") for number in ids.get(name, ())]
            found[attribute] = [text for text in dict.fromkeys(texts) if text.lower() not in SAYS_NOTHING]
        engines = [self._engines[number] for number in ids.get("EngineBase", ()) if number in self._engines]
        found["engine"] = list(dict.fromkeys(name for name, _, _ in engines if name))
        found["displacement_l"] = list(dict.fromkeys(litres for _, litres, _ in engines if litres))
        found["cylinders"] = list(dict.fromkeys(count for _, _, count in engines if count))
        return found

    @cached_property
    def _makes(self) -> dict[str, str]:
        return {row["makeid"]: row.get("makename", "") for row in table(self.file, "Make") if "makeid" in row}

    @cached_property
    def _models(self) -> dict[str, dict[str, str]]:
        return {row["modelid"]: row for row in table(self.file, "Model") if "modelid" in row}

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        return {
            attribute: {row.get(f"{name}id".lower(), ""): row.get(column.lower(), "") for row in table(self.file, name)}
            for attribute, (name, column) in NAMED.items()
        }

    @cached_property
    def _engines(self) -> dict[str, tuple[str, str, str]]:
        return engine_bases(self.file)

    @cached_property
    def _configured(self) -> Mapping[str, Mapping[str, set[str]]]:
        """Vehicle → ACES name → ids of all configurations it may have."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for link in LINKS:
            configs = self._configs(link)
            for row in table(self.file, link.link):
                number = row.get(link.key.lower(), "")
                told = configs.get(number) if link.config else dict.fromkeys(link.columns, number)
                for name, value in (told or {}).items():
                    found[row.get("vehicleid", "")][name].add(value)
        return found

    def _configs(self, link: Link) -> dict[str, dict[str, str]]:
        if not link.config:
            return {}
        rows = {row.get(link.key.lower(), ""): _columns(row, link.columns) for row in table(self.file, *link.config)}
        for name, (config, key, columns) in DEEPER.items():
            if name in link.columns:
                deeper = {row.get(key.lower(), ""): _columns(row, columns) for row in table(self.file, config)}
                for told in rows.values():
                    told.update(deeper.get(told.get(name, ""), {}))
        return rows


def _columns(row: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, column in columns.items() if (value := row.get(column.lower(), ""))}


def _known(numbers: Iterable[str]) -> list[str]:
    return [number for number in numbers if number]


def _value(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _by_number(text: str) -> tuple[int, str]:
    return (int(text) if text.isdigit() else 0, text)
