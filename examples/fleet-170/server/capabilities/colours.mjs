import { text } from "../inputs.mjs";

export const family = "Colours";
export const verb = "compute";

function read(colour) {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) throw new Error("a colour is written as #rrggbb");
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

const write = (parts) => `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

function hsl(parts) {
  const [r, g, b] = parts.map((part) => part / 255);
  const [high, low] = [Math.max(r, g, b), Math.min(r, g, b)];
  const [spread, light] = [high - low, (high + low) / 2];
  if (spread === 0) return { h: 0, s: 0, l: light };
  const h = high === r ? ((g - b) / spread + 6) % 6 : high === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return { h: h * 60, s: spread / (1 - Math.abs(2 * light - 1)), l: light };
}

/** WCAG 2.2, relative luminance. */
function luminance(parts) {
  const [r, g, b] = parts
    .map((part) => part / 255)
    .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const one = (says, of) => ({ says, takes: { colour: text("#rrggbb") }, does: ({ colour }) => of(read(colour)) });
const two = (says, of) => ({
  says,
  takes: { a: text("one, #rrggbb"), b: text("the other, #rrggbb") },
  does: ({ a, b }) => of(read(a), read(b)),
});

export const variants = {
  rgb: one("Takes a colour apart into red, green and blue", ([r, g, b]) => ({ r, g, b })),
  hsl: one("Takes a colour apart into hue, saturation and lightness", hsl),
  luminance: one("Computes the relative luminance", (parts) => ({ luminance: luminance(parts) })),
  inverse: one("Inverts a colour", (parts) => write(parts.map((part) => 255 - part))),
  grey: one("Finds the grey of the same weighted brightness", ([r, g, b]) =>
    write(Array(3).fill(0.299 * r + 0.587 * g + 0.114 * b)),
  ),
  tint: one("Mixes a colour with white, half and half", (parts) => write(parts.map((part) => (part + 255) / 2))),
  mix: two("Mixes two colours, half and half", (a, b) => write(a.map((part, n) => (part + b[n]) / 2))),
  contrast: two("Computes the WCAG contrast of two colours", (a, b) => ({ contrast: contrast(a, b) })),
};
