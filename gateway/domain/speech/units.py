"""Units as they are written after a number, and what is said for them. Data."""

from collections.abc import Mapping

UNITS: Mapping[str, str] = {
    "km/h": "ki lô mét trên giờ",
    "km2": "ki lô mét vuông",
    "cm2": "xen ti mét vuông",
    "m2": "mét vuông",
    "m3": "mét khối",
    "km": "ki lô mét",
    "cm": "xen ti mét",
    "mm": "mi li mét",
    "m": "mét",
    "ha": "héc ta",
    "kg": "ki lô gam",
    "mg": "mi li gam",
    "g": "gam",
    "ml": "mi li lít",
    "l": "lít",
    "kWh": "ki lô oát giờ",
    "kW": "ki lô oát",
    "kV": "ki lô vôn",
    "V": "vôn",
    "KB": "ki lô bai",
    "MB": "mê ga bai",
    "GB": "ghi ga bai",
    "°C": "độ xê",
    "ºC": "độ xê",
    "h": "giờ",
    "tr": "triệu",
    "%": "phần trăm",
    "‰": "phần nghìn",
}

# Before a number: `QL14`, `ĐT 741`.
ROADS: Mapping[str, str] = {
    "QL": "quốc lộ",
    "ĐT": "đường tỉnh",
    "TL": "tỉnh lộ",
    "ĐH": "đường huyện",
    "HL": "hương lộ",
}
