// Line drawings for parts without a picture, chosen by words of the part type's English name.

import { drawing } from "./dom.js";

const circle = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

const DRAWINGS = [
  [/brake (disc|rotor|drum)|rotor/, [circle(24, 24, 17), circle(24, 24, 8), circle(24, 24, 2.5), circle(24, 12, 1), circle(24, 36, 1), circle(12, 24, 1), circle(36, 24, 1)]],
  [/brake|caliper/, ["M7 31c1-13 11-21 17-21s16 8 17 21l-7 1c-2-8-6-12-10-12s-8 4-10 12z", "M13 25l5 3M35 25l-5 3M24 10v6"]],
  [/oil filter|fuel filter/, ["M14 12h20v26a3 3 0 0 1-3 3H17a3 3 0 0 1-3-3z", "M16 7h16v5H16zM14 19h20M19 24v12M24 24v12M29 24v12"]],
  [/filter/, ["M7 13h34v22H7z", "M12 13v22M17 13v22M22 13v22M27 13v22M32 13v22M37 13v22"]],
  [/battery/, ["M7 15h34v24H7z", "M12 15v-4h7v4M29 15v-4h7v4M13 27h7M28 27h7M31.500 23.500v7"]],
  [/wiper|washer/, ["M8 38L40 12", "M6 32c10-3 22-12 28-22M8 38l6-1M19 29l4 3"]],
  [/spark|glow|ignition/, ["M20 6h8v8h-8zM18 14h12v10H18zM20 24h8v9h-8z", "M22 33v6M26 33v9h-5"]],
  [/lamp|light|bulb/, ["M8 24c0-8 6-13 14-13h6v26h-6c-8 0-14-5-14-13z", "M33 15l8-2M33 24h9M33 33l8 2"]],
  [/tyre|tire|wheel|hub|rim/, [circle(24, 24, 17), circle(24, 24, 10), circle(24, 24, 3), "M24 14v7M24 27v7M14 24h7M27 24h7"]],
  [/shock|strut|spring|damper|coil/, ["M24 5v5M24 38v5M18 10h12M18 38h12", "M18 13l12 4-12 4 12 4-12 4 12 4"]],
  [/belt|chain|tension|pulley/, [circle(15, 30, 7), circle(33, 16, 5), "M10 25L29 12M20 35l17-16"]],
  [/radiator|cool|thermostat|water pump|condenser|heater|intercooler/, ["M9 10h30v28H9z", "M15 10v28M21 10v28M27 10v28M33 10v28M9 16H5M39 32h4"]],
  [/oil|fluid|coolant|antifreeze|grease|additive/, ["M16 14h12l8 8v19H12V18z", "M18 14V8h8v6M24 25c3 4 4 5 4 7a4 4 0 0 1-8 0c0-2 1-3 4-7z"]],
  [/exhaust|muffler|catalytic|silencer/, ["M6 20h8l3-4h16l3 4h6M6 28h8l3 4h16l3-4h6", "M21 20v8M27 20v8"]],
  [/clutch|flywheel/, [circle(24, 24, 17), circle(24, 24, 6), "M24 7v6M24 35v6M7 24h6M35 24h6M12 12l4 4M32 32l4 4M36 12l-4 4M12 36l4-4"]],
  [/sensor|switch|relay|module|control unit/, ["M12 14h14v20H12z", "M26 20h8v8h-8M34 24h8M16 34v6M22 34v6M17 20h4M17 26h4"]],
  [/pump|injector|throttle|turbo/, [circle(22, 26, 12), circle(22, 26, 4), "M22 14h18v8h-7"]],
  [/mirror|glass|windscreen|windshield|window/, ["M7 33l6-19h24l5 19z", "M16 28l5-8M22 28l5-8"]],
  [/bumper|fender|bonnet|hood|grille|door|panel|tailgate/, ["M5 31c1-7 3-9 9-10l6-7h12l7 8c4 1 5 4 4 9z", circle(14, 31, 4), circle(34, 31, 4)]],
  [/arm|ball joint|tie rod|bush|link|steering|stabili/, [circle(11, 34, 5), circle(37, 14, 5), "M14 30l19-12M17 34l19-13"]],
  [/alternator|starter|motor|generator/, ["M9 16h24v18H9z", "M33 21h7v8h-7M14 16v18M20 16v18M26 16v18M12 34v5M30 34v5"]],
  [/axle|shaft|joint|differential|gear|transmission/, ["M5 24h10l3-6h12l3 6h10M5 28h10l3 4h12l3-4h10", "M24 18v14"]],
  [/seat|mat|cover|carpet/, ["M16 8h12l3 20H15zM13 28h22v7H13z", "M17 35v6M31 35v6"]],
];
const SYSTEMS = {
  engine: ["M14 17h16l5 5v14H14z", "M14 22h-4v9h4M35 25h5v8h-5M18 17v-5h9v5"],
  suspension: ["M24 5v5M24 38v5M18 10h12M18 38h12", "M18 13l12 4-12 4 12 4-12 4 12 4"],
  body: ["M5 31c1-7 3-9 9-10l6-7h12l7 8c4 1 5 4 4 9z", circle(14, 31, 4), circle(34, 31, 4)],
  electrics: ["M27 6L13 27h9l-2 15 15-22h-9z"],
  driveline: ["M5 24h10l3-6h12l3 6h10M5 28h10l3 4h12l3-4h10", "M24 18v14"],
  service: ["M30 8a9 9 0 0 0-8 13L9 34l5 5 13-13a9 9 0 0 0 12-11l-6 5-5-5 5-6a9 9 0 0 0-3-1z"],
  "air conditioning": ["M24 6v36M8.500 15l31 18M39.500 15l-31 18", "M19 9l5 4 5-4M19 39l5-4 5 4"],
  fuel: ["M10 41V9h17v32M7 41h23M14 14h9v8h-9z", "M27 24h4v9a3 3 0 0 0 6 0V18l-5-5"],
  intake: ["M7 13h34v22H7z", "M12 13v22M17 13v22M22 13v22M27 13v22M32 13v22M37 13v22"],
  interior: ["M16 8h12l3 20H15zM13 28h22v7H13z", "M17 35v6M31 35v6"],
  accessories: ["M24 7l5 11 12 1-9 8 3 12-11-6-11 6 3-12-9-8 12-1z"],
  ev: ["M12 8h16v33H12zM10 41h20", "M22 13l-5 9h6l-3 8M28 22h5v11a3 3 0 0 0 6 0V19l-5-5"],
  steering: [circle(24, 24, 16), circle(24, 24, 5), "M8 24h11M29 24h11M24 29v11"],
};
const BOLT = [circle(24, 24, 7), "M24 7l5 3 6-1 2 6 5 3-1 6 1 6-5 3-2 6-6-1-5 3-5-3-6 1-2-6-5-3 1-6-1-6 5-3 2-6 6 1z"];

/** A drawing for a part type or a system of the car, by its English name. */
export function partDrawing(name) {
  const words = (name ?? "").toLowerCase();
  const found = SYSTEMS[words] ?? DRAWINGS.find(([pattern]) => pattern.test(words))?.[1] ?? BOLT;
  return drawing(found, 48, "drawing");
}

const STROKES = {
  check: ["M5 12.500l4.500 4.500L19 7.500"],
  question: ["M9 9.500a3 3 0 1 1 4.500 2.600c-1 .600-1.500 1.200-1.500 2.400M12 18v.01"],
  cross: ["M7 7l10 10M17 7L7 17"],
  globe: [circle(12, 12, 8), "M4 12h16M12 4c5 5 5 11 0 16M12 4c-5 5-5 11 0 16"],
  dash: ["M6 12h12"],
  car: ["M3 16v-3l2-1 2.500-5h9L19 12l2 1v3h-2M7 16h10", circle(7, 16.5, 1.8), circle(17, 16.5, 1.8), "M7 12h10"],
  bag: ["M6 8h12l1 12H5zM9 8V6.500a3 3 0 0 1 6 0V8"],
  pin: ["M12 21c4-5 6-8 6-11a6 6 0 0 0-12 0c0 3 2 6 6 11z", circle(12, 10, 2)],
  filter: ["M4 7h16M7 12h10M10 17h4"],
};

/** A small stroke icon by name. */
export const icon = (name) => drawing(STROKES[name]);
