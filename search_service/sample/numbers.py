"""Part numbers in the makers' styles. Every number is invented; only its shape is a maker's."""

from __future__ import annotations

from search_service.sample.brands import Brand

_PRIME = 9_999_991

_OE_STYLES = {
    "Toyota": "{a:05d}-{b:05d}",
    "Lexus": "{a:05d}-{b:05d}",
    "Volkswagen": "{x}{c:d}{y} {d:03d} {e:03d} {z}",
    "Audi": "{x}{c:d}{y} {d:03d} {e:03d} {z}",
    "BMW": "{f:02d} {g:02d} {h:d} {d:03d} {e:03d}",
    "Mercedes-Benz": "A {d:03d} {e:03d} {f:02d} {g:02d}",
    "Honda": "{a:05d}-{x}{c:d}{y}-{x}{f:02d}",
    "Nissan": "{a:05d}-{c:d}{x}{y}{h:d}{z}",
    "Buick": "9{b:05d}{f:02d}",
    "Chevrolet": "9{b:05d}{f:02d}",
    "Ford": "{x}{y}{c:d}{z}-{d:03d}{h:d}-{x}{z}",
    "Hyundai": "{a:05d}-{h:d}{x}{d:03d}",
    "Kia": "{a:05d}-{h:d}{x}{d:03d}",
    "Mazda": "{x}{y}{c:d}{z}-{f:02d}-{d:03d}{x}",
    "Volvo": "3{b:05d}{f:02d}",
    "Peugeot": "{d:03d}{h:d}.{x}{c:d}",
    "Citroën": "{d:03d}{h:d}.{x}{c:d}",
    "Tesla": "1{b:05d}{h:d}-{f:02d}-{x}",
    "Chery": "{x}{f:02d}-{a:05d}{f:02d}",
    "Great Wall": "{a:05d}{f:02d}X{y}{x}{f:02d}A",
    "Haval": "{a:05d}{f:02d}X{y}{x}{f:02d}A",
    "BYD": "{x}{y}-{a:05d}{f:02d}",
    "Geely": "10{a:05d}{f:02d}{h:d}",
    "Changan": "{x}{d:03d}-{a:05d}{f:02d}",
    "Wuling": "2{a:05d}{f:02d}",
}
_GENERIC = "{a:05d}{f:02d}-{x}{y}{f:02d}"
_LETTERS = "ABCDEFGHJKLMNPRSTVWXYZ"


def scrambled(index: int, salt: int = 0) -> int:
    """A number of up to seven digits, another for every `index` below 9,999,991 under one `salt`."""
    return (index * 48_271 + salt * 611_953 + 1_234_577) % _PRIME


def oe_number(make: str, index: int) -> str:
    """The original number of the fitment group `index` in the style of its make."""
    low, high = scrambled(index), scrambled(index, 7)
    letters = [_LETTERS[(high // divisor) % len(_LETTERS)] for divisor in (1, 22, 484)]
    return _OE_STYLES.get(make, _GENERIC).format(
        a=low % 100_000, b=high % 100_000, c=low % 10, d=low // 10 % 1000, e=high // 7 % 1000, f=low // 1000 % 100,
        g=high % 100, h=high // 100 % 10, x=letters[0], y=letters[1], z=letters[2],
    )  # fmt: skip


def part_number(brand: Brand, index: int) -> str:
    """The number of part `index` in one of the four ways its brand may write numbers; no two parts share one."""
    number = f"{scrambled(index):07d}"
    match sum(brand.code.encode()) % 4:
        case 0:
            return f"{brand.code}{number}"
        case 1:
            return f"{brand.code}-{number[:3]}-{number[3:]}"
        case 2:
            return f"{number[:2]} {number[2:5]} {number[5:]} {brand.code}"
        case _:
            return f"{brand.code}.{number[:4]}.{number[4:]}"


def part_id(brand: Brand, number: str) -> str:
    """`BRAND:NUMBER` without blanks, the contract's habit."""
    return f"{brand.name.upper()}:{number}".replace(" ", "")


def gtin(index: int) -> str:
    """An EAN-13 of the range kept for use inside a company (leading 2), with its check digit."""
    body = f"2{index:011d}"
    digits = [int(digit) for digit in body]
    return f"{body}{-(sum(digits[::2]) + 3 * sum(digits[1::2])) % 10}"
