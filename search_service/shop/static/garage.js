// The customer's vehicles, in this browser.
//
// A vehicle is {id, params, label, note}: `params` are the interface's own vehicle parameters (make, model, year,
// engine, vin, vehicle_id, attr.NAME, unknown), `label` a text per language.

import { keep, kept } from "./store.js";
import { lang, say } from "./i18n.js";

let garage = { vehicles: [], active: null, ...kept("garage", {}) };
if (!Array.isArray(garage.vehicles)) garage = { vehicles: [], active: null };

const save = () => keep("garage", garage);
const IDENTITY = ["vin", "vehicle_id", "make", "model", "year", "engine"];

export const vehicles = () => garage.vehicles;
export const active = () => garage.vehicles.find((vehicle) => vehicle.id === garage.active) ?? null;

export function choose(id) {
  garage.active = id;
  save();
}

/** Add a vehicle, or find the same one, and make it the active one. */
export function add(params, label) {
  const same = (vehicle) => IDENTITY.every((name) => String(vehicle.params[name] ?? "") === String(params[name] ?? ""));
  let vehicle = garage.vehicles.find(same);
  if (!vehicle) {
    vehicle = { id: `g${Date.now().toString(36)}${garage.vehicles.length}`, params, label };
    garage.vehicles = [vehicle, ...garage.vehicles].slice(0, 12);
  }
  choose(vehicle.id);
  return vehicle;
}

export function remove(id) {
  garage.vehicles = garage.vehicles.filter((vehicle) => vehicle.id !== id);
  if (garage.active === id) garage.active = null;
  save();
}

/** What a question's answer is called as a parameter. */
const parameter = (attribute) => (attribute.startsWith("attr.") ? attribute : `attr.${attribute}`);

export function answer(attribute, value) {
  const vehicle = active();
  vehicle.params[parameter(attribute)] = value;
  save();
}

export function dontKnow(attribute) {
  const vehicle = active();
  vehicle.params.unknown = [...new Set([...(vehicle.params.unknown ?? []), attribute])];
  save();
}

export function forgetAnswer(name) {
  const { params } = active();
  if (name in params) delete params[name];
  params.unknown = (params.unknown ?? []).filter((attribute) => parameter(attribute) !== name);
  if (!params.unknown.length) delete params.unknown;
  save();
}

/** The answers given: [{name, attribute, value}], `value` null for "don't know". */
export function answers(vehicle) {
  const given = Object.entries(vehicle.params).filter(([name]) => name.startsWith("attr."));
  const unknown = vehicle.params.unknown ?? [];
  return [
    ...given.map(([name, value]) => ({ name, attribute: name.slice(5), value })),
    ...unknown.map((attribute) => ({ name: parameter(attribute), attribute, value: null })),
  ];
}

/** Parameters for request bodies. */
export const bodyParams = () => ({ ...active()?.params });

/** Parameters for addresses: never the VIN, but what was safely read from it. */
export function addressParams() {
  const vehicle = active();
  if (!vehicle) return {};
  const { vin, ...rest } = vehicle.params;
  return vin ? { ...vehicle.fromVin, ...rest } : rest;
}

export const name = (vehicle) => say(vehicle.label) || [vehicle.params.year, vehicle.params.make, vehicle.params.model].filter(Boolean).join(" ");

/** Remember a vehicle's name in the language of now, and what a VIN safely says. */
export function describe(vehicle, text, fromVin = null) {
  vehicle.label = { ...vehicle.label, [lang()]: text };
  if (fromVin) vehicle.fromVin = fromVin;
  save();
}
