import { number, oneOf } from "../inputs.mjs";

export const family = "Unit conversion";
export const verb = "convert";

/** Factors to the SI unit, which is the first. */
const units = {
  length: { m: 1, km: 1000, cm: 0.01, mm: 0.001, in: 0.0254, ft: 0.3048, yd: 0.9144, mi: 1609.344, nmi: 1852 },
  mass: { kg: 1, g: 0.001, mg: 1e-6, t: 1000, lb: 0.45359237, oz: 0.028349523125, st: 6.35029318 },
  area: { m2: 1, km2: 1e6, cm2: 1e-4, ha: 1e4, acre: 4046.8564224, ft2: 0.09290304 },
  volume: { m3: 1, l: 0.001, ml: 1e-6, ft3: 0.028316846592, gal_us: 0.003785411784, gal_uk: 0.00454609 },
  speed: { "m/s": 1, "km/h": 1 / 3.6, mph: 0.44704, kn: 1852 / 3600, "ft/s": 0.3048 },
  pressure: { Pa: 1, kPa: 1000, bar: 1e5, atm: 101_325, psi: 6894.757293168, mmHg: 133.322387415 },
  energy: { J: 1, kJ: 1000, kWh: 3.6e6, cal: 4.184, kcal: 4184, eV: 1.602176634e-19 },
  power: { W: 1, kW: 1000, MW: 1e6, PS: 735.49875, hp: 745.6998715822702 },
  angle: { rad: 1, deg: Math.PI / 180, gon: Math.PI / 200, arcmin: Math.PI / 10_800, turn: 2 * Math.PI },
  duration: { s: 1, ms: 0.001, min: 60, h: 3600, d: 86_400, week: 604_800 },
  information: { B: 1, bit: 0.125, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
  frequency: { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9, rpm: 1 / 60 },
  force: { N: 1, kN: 1000, lbf: 4.4482216152605, kgf: 9.80665, dyn: 1e-5 },
  torque: { N·m: 1, lbf·ft: 1.3558179483314, kgf·m: 9.80665 },
  density: { "kg/m3": 1, "g/cm3": 1000, "lb/ft3": 16.018463373960142 },
};

const temperature = {
  says: "Converts a temperature from one unit to another",
  takes: {
    value: number("how many"),
    from: oneOf("its unit", ["K", "C", "F"]),
    to: oneOf("the other", ["K", "C", "F"]),
  },
  does: ({ value, from, to }) => {
    const kelvin = { K: value, C: value + 273.15, F: ((value - 32) * 5) / 9 + 273.15 }[from];
    return { value: { K: kelvin, C: kelvin - 273.15, F: ((kelvin - 273.15) * 9) / 5 + 32 }[to], unit: to };
  },
};

export const variants = {
  ...Object.fromEntries(
    Object.entries(units).map(([quantity, factors]) => [
      quantity,
      {
        says: `Converts ${quantity} from one unit to another`,
        takes: {
          value: number("how many"),
          from: oneOf("its unit", Object.keys(factors)),
          to: oneOf("the other", Object.keys(factors)),
        },
        does: ({ value, from, to }) => ({ value: (value * factors[from]) / factors[to], unit: to }),
      },
    ]),
  ),
  temperature,
};
