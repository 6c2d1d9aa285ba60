"""Invented part brands with their segments, tier, price level and habits of writing data."""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = """
Nordwerk|诺德维克|NW|oem|1.45|friction chassis bearing sensor
Kaitai|凯泰|KT|aftermarket|0.85|friction filter cooling
Brakon|博瑞康|BK|oem|1.35|friction
Stopline|止线|SL|aftermarket|0.95|friction
Ruifeng Friction|锐锋|RF|economy|0.55|friction
Haoche|好车匠|HC|economy|0.5|friction filter wiper electric lighting belt
Filtrex|滤臣|FX|oem|1.3|filter
Qinglv|清滤|QL|aftermarket|0.8|filter
Purea|朴净|PU|aftermarket|0.95|filter ac
Manfil|曼滤|MF|oem|1.4|filter fuel
Lubrano|路博润诺|LB|oem|1.4|fluid care
Jinrun|金润|JR|aftermarket|0.85|fluid care
Velora|威朗油|VL|oem|1.2|fluid
Beihai Petro|北海石化|BH|economy|0.6|fluid care
Polarcool|极冷|PC|aftermarket|0.95|fluid cooling ac
Voltani|伏坦|VT|oem|1.35|electric battery sensor
Leidun|雷盾|LD|aftermarket|0.85|battery electric
Amperix|安培锐|AX|aftermarket|1.0|battery electric ev
Dianxing|电星|DX|economy|0.55|battery electric lighting
Sparka|斯帕卡|SP|oem|1.3|electric sensor
Ignis|伊格尼|IG|aftermarket|0.95|electric fuel
Lumora|路明|LM|oem|1.3|lighting
Huiguang|辉光|HG|aftermarket|0.85|lighting
Brightway|亮途|BW|economy|0.6|lighting wiper
Clearvue|清视|CV|oem|1.25|wiper
Yuyi|雨逸|YY|aftermarket|0.8|wiper
Gripmax|固途|GM|aftermarket|0.9|tyre
Terrano Tyre|泰然|TT|oem|1.35|tyre
Longxing Tyre|龙行|LX|economy|0.6|tyre
Zephyr|和风|ZP|oem|1.3|ac cooling
Hanfeng|寒风|HF|aftermarket|0.85|ac cooling
Coolant Bros|冷兄|CB|economy|0.6|cooling ac fluid
Chassima|卡西玛|CM|oem|1.35|chassis
Tuopan|拓盘|TP|aftermarket|0.85|chassis bearing
Gangjian|钢健|GJ|economy|0.55|chassis bearing driveline
Rollex Bearing|若雷轴承|RX|oem|1.3|bearing belt
Beltano|贝尔塔|BT|oem|1.3|belt
Shunda|顺达|SD|aftermarket|0.8|belt engine
Motrix|摩垂|MX|oem|1.3|engine fuel exhaust
Xinli Power|新力|XL|aftermarket|0.85|engine fuel exhaust driveline
Daxing Engine|大兴机件|DE|economy|0.55|engine exhaust fuel
Clutchman|离合匠|CL|oem|1.3|driveline
Huachuan|华传|HU|aftermarket|0.85|driveline
Paneluxe|派奈|PX|aftermarket|1.0|body lighting
Mingban|明钣|MB|economy|0.55|body
Karosso|卡罗索|KS|oem|1.35|body
Interno|英特诺|IN|aftermarket|1.1|interior body
Shuju|舒居|SJ|economy|0.7|interior
Evonic|易维能|EV|oem|1.25|ev electric cooling
Chongxing|充行|CX|aftermarket|0.85|ev
Sensaro|森萨|SS|aftermarket|0.95|sensor electric
Cexin|测芯|CE|economy|0.6|sensor
Exhauto|艾索|EX|aftermarket|1.0|exhaust
Renova|瑞诺再制|RN|remanufactured|0.65|electric driveline chassis fuel ac
Originline|原厂线|OL|oe|1.9|friction filter electric chassis bearing cooling lighting belt engine exhaust driveline body
Carecraft|护车匠|CR|aftermarket|1.0|care interior
Universal Parts Co|通用件|UP|economy|0.6|care interior wiper battery electric tyre belt fuel bearing ev exhaust
"""


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand; `code` starts its part numbers, `level` is its price against the type's base."""

    name: str
    zh: str
    code: str
    quality: str
    level: float
    segments: tuple[str, ...]

    @property
    def by_year(self) -> bool:
        """True if its data lists one or two model years a row, as many suppliers do, instead of whole ranges."""
        return sum(self.code.encode()) % 4 == 0

    @property
    def file(self) -> str:
        """Stem of the file its applications come in."""
        return self.name.lower().replace(" ", "_")


def brands() -> tuple[Brand, ...]:
    """All brands, in the table's order."""
    return tuple(_brand(line) for line in _TABLE.strip().splitlines())


def _brand(line: str) -> Brand:
    name, zh, code, quality, level, segments = line.split("|")
    return Brand(name, zh, code, quality, float(level), tuple(segments.split()))
