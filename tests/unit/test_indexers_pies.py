"""PIES XML as part rows: what an item says, in every version's names."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexers.errors import UnreadableSource
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import PartRow
from indexers.sources.pies import PiesPiece
from indexers.sources.reference import Reference

ITEM = """
<Item MaintenanceType="A"><ACESApplications>{aces}</ACESApplications>
 <ItemLevelGTIN GTINQualifier="UP">00012345678905</ItemLevelGTIN>
 <PartNumber>BP-1</PartNumber><{brand}>ACME</{brand}><BrandLabel>Acme</BrandLabel>
 <PartTerminologyID>1684</PartTerminologyID>
 <Descriptions>
  <Description MaintenanceType="A" DescriptionCode="EXT" LanguageCode="EN" Sequence="1">Long words</Description>
  <Description MaintenanceType="A" DescriptionCode="DES" LanguageCode="EN">Brake pads</Description>
  <Description MaintenanceType="A" DescriptionCode="DES" LanguageCode="ZH">刹车片</Description>
 </Descriptions>
 <Prices><Pricing PriceType="JBR"><Price UOM="PE">9.00</Price></Pricing>
  <Pricing PriceType="RET"><CurrencyCode>USD</CurrencyCode><Price UOM="PE">19.95</Price></Pricing></Prices>
 <ProductAttributes><ProductAttribute AttributeID="Thickness" AttributeUOM="MM">17.5</ProductAttribute>
 </ProductAttributes>
 <PartInterchangeInfo><PartInterchange {brand}="BSCH" QualityGradeLevel="A"><PartNumber>0 986</PartNumber>
 </PartInterchange></PartInterchangeInfo>
 <DigitalAssets><DigitalFileInformation><FileName>bp1.jpg</FileName><URI>https://x/bp1.jpg</URI>
 </DigitalFileInformation></DigitalAssets>
</Item>
<Item MaintenanceType="D"><PartNumber>BP-2</PartNumber><{brand}>ACME</{brand}></Item>
<Item MaintenanceType="A"><PartNumber>BP-3</PartNumber></Item>
"""


def _read(folder: Path, items: str, root: str = "PIES") -> tuple[list[PartRow], RowsRead]:
    file = folder / "p.xml"
    header = "<Header><CurrencyCode>CNY</CurrencyCode><LanguageCode>EN</LanguageCode></Header>"
    file.write_text(f'<{root} xmlns="http://www.autocare.org">{header}<Items>{items}</Items></{root}>', "utf-8")
    tally = RowsRead()
    piece = PiesPiece(file, Reference(part_types={"1684": "Disc Brake Pad Set"}))
    return [row for row, _, _ in read_rows([piece], tally) if isinstance(row, PartRow)], tally


@pytest.mark.parametrize("brand", ["BrandAAIAID", "BrandID"])
def test_an_item_becomes_a_part(tmp_path: Path, brand: str) -> None:
    """Titles by language, the customer's price before the trade's, edges with their grade; 7.x and 8.0 names."""
    (part, gone), tally = _read(tmp_path, ITEM.format(brand=brand, aces="Y"))
    assert (part.part_id, part.brand, part.part_number) == ("ACME:BP-1", "Acme", "BP-1")
    assert (part.part_type, part.gtin) == ("Disc Brake Pad Set", "00012345678905")
    assert part.title == {"en": "Brake pads", "zh": "刹车片"}
    assert part.description == {"en": "Long words"}
    assert part.price is not None
    assert (part.price.amount, part.price.currency) == (19.95, "USD")
    assert part.attributes == {"Thickness": "17.5 MM", "brand_code": "ACME"}
    assert part.interchange is not None
    assert [(one.brand, one.number, one.grade, one.kind) for one in part.interchange] == [
        ("BSCH", "0 986", "A", "equivalent")
    ]
    assert (part.image, part.universal) == ("https://x/bp1.jpg", None)
    assert (gone.part_id, gone.action) == ("ACME:BP-2", "D")
    assert [(bad.line, bad.reason) for bad in tally.bad] == [(3, "the Item has no brand code")]


def test_an_item_without_applications_is_universal(tmp_path: Path) -> None:
    """The maker says that it depends on no vehicle."""
    (part, _), _ = _read(tmp_path, ITEM.format(brand="BrandID", aces="N"))
    assert part.universal is True


def test_other_xml_is_refused(tmp_path: Path) -> None:
    """A file under another root is no PIES, whatever is in it."""
    with pytest.raises(UnreadableSource, match="CATALOG"):
        _read(tmp_path, ITEM.format(brand="BrandID", aces="Y"), root="CATALOG")


def test_an_item_beyond_the_limits_goes_to_quarantine_alone(tmp_path: Path) -> None:
    """With its place in the file; what is not well-formed costs the whole file."""
    deep = f"<Item><PartNumber>P</PartNumber>{'<a>' * 40}{'</a>' * 40}</Item>"
    rows, tally = _read(tmp_path, deep + ITEM.format(brand="BrandID", aces="Y"))
    assert [row.part_number for row in rows if row.action == "A"] == ["BP-1"]
    assert [(bad.line, "deeper" in bad.reason) for bad in tally.bad] == [(1, True), (4, False)]
    with pytest.raises(UnreadableSource, match="mismatched tag"):
        _read(tmp_path, ITEM.format(brand="BrandID", aces="Y").replace("</Prices>", "</Price>"))
