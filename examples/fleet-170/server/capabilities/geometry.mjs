import { number, whole } from "../inputs.mjs";

export const family = "Geometry";
export const verb = "measure";

const { PI, sqrt, sin, cos, tan, asin, hypot } = Math;
const radians = (degrees) => (degrees * PI) / 180;

function triangle({ a, b, c }) {
  if (a + b <= c || b + c <= a || a + c <= b) throw new Error("no triangle has these sides");
  const half = (a + b + c) / 2;
  return { perimeter: 2 * half, area: sqrt(half * (half - a) * (half - b) * (half - c)) };
}

/** The haversine formula on a sphere of the Earth's mean radius. */
function greatCircle({ lat1, lon1, lat2, lon2 }) {
  const [dLat, dLon] = [radians(lat2 - lat1), radians(lon2 - lon1)];
  const h = sin(dLat / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(dLon / 2) ** 2;
  return { km: 2 * 6371.0088 * asin(sqrt(h)) };
}

const lengths = (...names) => Object.fromEntries(names.map((name) => [name, number(`length: ${name}`)]));

export const variants = {
  circle: {
    says: "Measures a circle",
    takes: lengths("radius"),
    does: ({ radius }) => ({ circumference: 2 * PI * radius, area: PI * radius ** 2 }),
  },
  rectangle: {
    says: "Measures a rectangle",
    takes: lengths("width", "height"),
    does: ({ width, height }) => ({
      perimeter: 2 * (width + height),
      area: width * height,
      diagonal: hypot(width, height),
    }),
  },
  triangle: { says: "Measures a triangle by its three sides", takes: lengths("a", "b", "c"), does: triangle },
  polygon: {
    says: "Measures a regular polygon",
    takes: { sides: whole("how many sides", 3, 1000), ...lengths("side") },
    does: ({ sides, side }) => ({ perimeter: sides * side, area: (sides * side ** 2) / (4 * tan(PI / sides)) }),
  },
  sphere: {
    says: "Measures a sphere",
    takes: lengths("radius"),
    does: ({ radius }) => ({ surface: 4 * PI * radius ** 2, volume: (4 / 3) * PI * radius ** 3 }),
  },
  cylinder: {
    says: "Measures a cylinder",
    takes: lengths("radius", "height"),
    does: ({ radius, height }) => ({ surface: 2 * PI * radius * (radius + height), volume: PI * radius ** 2 * height }),
  },
  cone: {
    says: "Measures a cone",
    takes: lengths("radius", "height"),
    does: ({ radius, height }) => ({
      surface: PI * radius * (radius + hypot(radius, height)),
      volume: (PI * radius ** 2 * height) / 3,
    }),
  },
  box: {
    says: "Measures a box",
    takes: lengths("width", "height", "depth"),
    does: ({ width: w, height: h, depth: d }) => ({ surface: 2 * (w * h + h * d + w * d), volume: w * h * d }),
  },
  distance: {
    says: "Measures from one point of the plane to another",
    takes: lengths("x1", "y1", "x2", "y2"),
    does: ({ x1, y1, x2, y2 }) => ({ distance: hypot(x2 - x1, y2 - y1) }),
  },
  greatcircle: {
    says: "Measures from one place on Earth to another, in km",
    takes: Object.fromEntries(["lat1", "lon1", "lat2", "lon2"].map((name) => [name, number(`degrees: ${name}`)])),
    does: greatCircle,
  },
};
