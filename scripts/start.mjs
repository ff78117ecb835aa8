// What `npm start` runs first, in plain JavaScript, so that a Node too old for TypeScript gets a sentence instead of a stack.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  const { main } = await import("./start.ts");
  await main(process.argv.slice(2));
} else {
  const fix = process.env.npm_lifecycle_event
    ? "the `node` package among the devDependencies brings it: run `npm install` without --ignore-scripts and --omit=dev."
    : "run `npm start`, which uses the one among the devDependencies.";
  console.error(`Patchbay needs Node 22.18 or newer and this is ${process.versions.node}; ${fix}`);
  process.exitCode = 1;
}
