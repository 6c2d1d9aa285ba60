"""Texts of application notes by kind. Conditions are written per segment; the rest serves every part."""

from __future__ import annotations

import msgspec

_CONDITIONS = {
    "friction": (
        ("with electronic parking brake", "en"),
        ("without electronic parking brake", "en"),
        ("带电子手刹", "zh"),
        ("16 inch brakes", "en"),
        ("17英寸刹车盘", "zh"),
        ("with ADVICS caliper", "en"),
        ("PR code 1ZD", "en"),
        ("适用于国产卡钳", "zh"),
        ("vented disc 280 mm", "en"),
    ),
    "lighting": (
        ("with LED headlamps", "en"),
        ("氙气大灯版", "zh"),
        ("with headlamp levelling", "en"),
        ("卤素大灯版", "zh"),
    ),
    "cooling": (("with tow package", "en"), ("with A/C", "en"), ("带空调", "zh"), ("自动挡水箱带油冷", "zh")),
    "electric": (
        ("with start-stop system", "en"),
        ("带启停功能", "zh"),
        ("Valeo system", "en"),
        ("110 A alternator", "en"),
    ),
    "chassis": (
        ("with sport suspension", "en"),
        ("运动悬挂", "zh"),
        ("电动助力转向", "zh"),
        ("multi-link rear axle", "en"),
    ),
    "body": (("带雷达孔", "zh"), ("with parking sensors", "en"), ("with folding mirror", "en"), ("后期改款", "zh")),
}
_GENERAL_CONDITIONS = (
    ("up to engine number 458200", "en"),
    ("国六排放", "zh"),
    ("国五排放", "zh"),
    ("with sport package", "en"),
    ("进口发动机", "zh"),
    ("from chassis number 230001", "en"),
)
_HINTS = (
    ("replace in pairs", "en"),
    ("建议成对更换", "zh"),
    ("renew the gasket when fitting", "en"),
    ("安装后需要匹配", "zh"),
    ("tighten to the maker's torque", "en"),
    ("更换后请排空气", "zh"),
)
_VARIANTS = (
    ("carbon version", "en"),
    ("活性炭版", "zh"),
    ("ceramic compound", "en"),
    ("陶瓷配方", "zh"),
    ("long-life version", "en"),
    ("加强版", "zh"),
)
_REMARKS = (
    ("replaces earlier number", "en"),
    ("图片仅供参考", "zh"),
    ("supplied without bolts", "en"),
    ("不含螺丝", "zh"),
)


def note_pools(segment: str) -> dict[str, list[str]]:
    """Ready JSON `,"notes":[…]` texts by kind for one brand segment; kind `""` is not reviewed."""
    conditions = _CONDITIONS.get(segment, _GENERAL_CONDITIONS)
    texts = {
        "condition": conditions,
        "": conditions + _GENERAL_CONDITIONS[:2],
        "hint": _HINTS,
        "variant": _VARIANTS,
        "remark": _REMARKS,
    }
    return {kind: [_json(text, lang, kind) for text, lang in pool] for kind, pool in texts.items()}


def _json(text: str, lang: str, kind: str) -> str:
    note = {"text": text, "lang": lang} | ({"kind": kind} if kind else {})
    return f',"notes":{msgspec.json.encode([note]).decode()}'
