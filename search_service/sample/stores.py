"""Fifty stores in real Chinese cities, their stock, and promotions."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from search_service.sample.world import World

_CITIES = """
Beijing 北京 39.904 116.407;Beijing 北京 39.956 116.310;Shanghai 上海 31.230 121.474;Shanghai 上海 31.221 121.544
Guangzhou 广州 23.129 113.264;Guangzhou 广州 23.106 113.324;Shenzhen 深圳 22.543 114.058;Shenzhen 深圳 22.555 113.883
Chengdu 成都 30.573 104.067;Chongqing 重庆 29.563 106.551;Hangzhou 杭州 30.274 120.155;Wuhan 武汉 30.593 114.305
Xi'an 西安 34.342 108.940;Nanjing 南京 32.060 118.797;Tianjin 天津 39.084 117.201;Suzhou 苏州 31.299 120.585
Zhengzhou 郑州 34.747 113.625;Changsha 长沙 28.228 112.939;Shenyang 沈阳 41.806 123.431;Qingdao 青岛 36.067 120.383
Dalian 大连 38.914 121.615;Ningbo 宁波 29.868 121.544;Xiamen 厦门 24.480 118.089;Fuzhou 福州 26.075 119.297
Jinan 济南 36.651 117.120;Harbin 哈尔滨 45.803 126.535;Changchun 长春 43.817 125.324;Kunming 昆明 24.880 102.833
Hefei 合肥 31.821 117.227;Nanchang 南昌 28.682 115.858;Nanning 南宁 22.817 108.366;Guiyang 贵阳 26.647 106.630
Taiyuan 太原 37.871 112.549;Shijiazhuang 石家庄 38.043 114.515;Lanzhou 兰州 36.061 103.834;Urumqi 乌鲁木齐 43.825 87.617
Hohhot 呼和浩特 40.842 111.749;Yinchuan 银川 38.487 106.231;Xining 西宁 36.617 101.778;Haikou 海口 20.044 110.199
Wuxi 无锡 31.491 120.312;Foshan 佛山 23.022 113.122;Dongguan 东莞 23.021 113.752;Wenzhou 温州 27.994 120.699
Jinhua 金华 29.079 119.647;Quanzhou 泉州 24.874 118.676;Yantai 烟台 37.463 121.448;Xuzhou 徐州 34.205 117.284
Tangshan 唐山 39.631 118.180;Zhuhai 珠海 22.271 113.577
"""
_SERVICES = ("install", "tyres", "alignment", "battery", "oil_service", "air_conditioning", "paint", "ev_service")
_STOCKED_PARTS = 60_000  # parts the stores keep; what comes after is sold from the web warehouse only
_STORE_SHARE = 0.08  # chance that a store keeps a part it could keep
_WINDOW = 25


def stores() -> list[dict[str, Any]]:
    """The contract's store rows."""
    cities = [entry.split(" ") for entry in _CITIES.strip().replace("\n", ";").split(";")]
    return [_store(number, city) for number, city in enumerate(cities, 1)]


def _store(number: int, city: list[str]) -> dict[str, Any]:
    en, zh, lat, lon = city
    late = number % 3 == 0
    hours = {"mon-fri": "08:30-20:00" if late else "09:00-18:30", "sat-sun": "09:00-20:00" if late else "09:30-17:30"}
    services = [name for place, name in enumerate(_SERVICES) if place < 2 or (number + place) % 3]
    return {
        "store_id": f"s{number:02d}", "name": {"en": f"PartFit {en} No. {number}", "zh": f"{zh}第{number}店"},
        "city": zh, "lat": float(lat), "lon": float(lon), "services": services, "hours": hours,
    }  # fmt: skip


def stock_rows(part_ids: Sequence[str], start: int, seed: int, today: datetime.date) -> Iterator[dict[str, Any]]:
    """Stock of a block of parts: `online` for five parts in six, some stores for the first 60,000 parts."""
    rng = np.random.default_rng((seed, 3, start))
    online, quantity = rng.random(len(part_ids)), rng.geometric(0.08, len(part_ids))
    kept = rng.random((len(part_ids), _WINDOW)) < _STORE_SHARE * (start < _STOCKED_PARTS)
    many, first = rng.geometric(0.35, (len(part_ids), _WINDOW)), rng.integers(0, 50, len(part_ids))
    updated = f"{today}T00:00:00.000Z"
    for index, part in enumerate(part_ids):
        if online[index] < 5 / 6:
            row = {"part_id": part, "store_id": "online", "quantity": int(quantity[index]), "updated_at": updated}
            yield row
        for place in np.flatnonzero(kept[index]).tolist():
            store = f"s{(int(first[index]) + 2 * place) % 50 + 1:02d}"
            yield {"part_id": part, "store_id": store, "quantity": int(many[index, place]), "updated_at": updated}


def promotions(world: World, part_ids: Sequence[str], seed: int, today: datetime.date) -> list[dict[str, Any]]:
    """Forty promotions of kinds `percent` and `amount`, by brand, by part type or of listed parts; some ended."""
    rng = np.random.default_rng((seed, 4))
    rows = []
    for number in range(40):
        start = today + datetime.timedelta(days=int(rng.integers(-90, 20)))
        percent = number % 3 != 2
        row: dict[str, Any] = {
            "promotion_id": f"promo{number + 1:02d}", "kind": "percent" if percent else "amount",
            "value": int(rng.integers(5, 26)) if percent else int(rng.integers(1, 10)) * 5,
            "from": str(start), "to": str(start + datetime.timedelta(days=int(rng.integers(14, 120)))),
        }  # fmt: skip
        rows.append(row | _scope(world, part_ids, number, rng))
    return rows


def _scope(world: World, part_ids: Sequence[str], number: int, rng: np.random.Generator) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    match number % 3:
        case 0:
            scope["match"] = {"brand": [world.brands[int(rng.integers(len(world.brands)))].name]}
        case 1:
            scope["match"] = {"part_type": [world.types[int(rng.integers(len(world.types)))].id]}
        case _:
            picked = rng.choice(len(part_ids), min(20, len(part_ids)), replace=False)
            scope["part_ids"] = [part_ids[index] for index in sorted(picked.tolist())]
    if number % 5 == 4:
        scope["stores"] = [f"s{int(store) + 1:02d}" for store in sorted(rng.choice(50, 4, replace=False).tolist())]
    if number % 7 == 6:
        scope["member_levels"] = ["gold", "platinum"]
    return scope
