"""The names of ACES elements, one table a version. What is not named here has kept its name since 3.0."""

from __future__ import annotations

from typing import NamedTuple


class Names(NamedTuple):
    """What a version calls the things that were renamed between versions."""

    part: str = "Part"
    part_type: str = "PartType"
    brand: str = "BrandAAIAID"
    sub_brand: str = "SubBrandAAIAID"
    asset: tuple[str, ...] = ("AssetName",)
    published: str = "VersionDate"


UNTIL_4_2 = Names()
SINCE_5_0 = Names(
    part="PartNumber",
    part_type="PartTerminology",
    brand="BrandID",
    sub_brand="SubBrandID",
    asset=("DiagramAssetName", "NonDiagramAssetName", "AssetName"),
    published="PublicationDate",
)

VERSIONS = {
    **dict.fromkeys(("1.08", "2.0", "3.0", "3.0.1", "3.1", "3.2", "4.0", "4.1", "4.2"), UNTIL_4_2),
    "5.0": SINCE_5_0,
}

NARROWING = (
    "SubModel", "MfrBodyCode", "BodyNumDoors", "BodyType", "DriveType", "EngineBase", "EngineBlock",
    "EngineBoreStroke", "EngineDesignation", "EngineVIN", "EngineVersion", "EngineMfr", "PowerOutput",
    "ValvesPerEngine", "FuelDeliveryType", "FuelDeliverySubType", "FuelSystemControlType", "FuelSystemDesign",
    "Aspiration", "CylinderHeadType", "FuelType", "IgnitionSystemType", "TransmissionMfrCode", "TransmissionBase",
    "TransmissionType", "TransmissionControlType", "TransmissionNumSpeeds", "TransElecControlled", "TransmissionMfr",
    "BedLength", "BedType", "WheelBase", "BrakeSystem", "FrontBrakeType", "RearBrakeType", "BrakeABS",
    "FrontSpringType", "RearSpringType", "SteeringSystem", "SteeringType", "RestraintType", "TransferCase", "Region",
    "VehicleType",
)  # fmt: skip
"""Elements of an App that ask something of the vehicle, by the id of the vehicle database, in the schema's order."""

VEHICLE = ("BaseVehicle", "EquipmentBase", "Make", "Model", "Mfr", "EquipmentModel")
"""Elements that name the vehicle by an id; `Years` and `ProductionYears` add the span."""


PART_SIDE = frozenset({
    "Qty", "PartType", "MfrLabel", "Position", "Part", "DisplayOrder", "AssetName", "AssetItemOrder", "AssetItemRef",
    "NonDiagramAssetName",
})  # fmt: skip
"""Elements of an App that tell of the part. Any other asks something of the vehicle, known here or not."""

CANONICAL = {
    other: ours
    for table in VERSIONS.values()
    for other, ours in (
        (table.part, UNTIL_4_2.part), (table.part_type, UNTIL_4_2.part_type), (table.brand, UNTIL_4_2.brand),
        (table.sub_brand, UNTIL_4_2.sub_brand), (table.asset[0], UNTIL_4_2.asset[0]),
    )
}  # fmt: skip
"""Any version's name → the one until 4.2, by which the reader goes; other names are the same in all of them."""


def names_of(version: str) -> Names:
    """The table of a version; a version not listed has the names of the nearest below it."""
    if version in VERSIONS:
        return VERSIONS[version]
    return SINCE_5_0 if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 5 else UNTIL_4_2
