/** A package of a `server.json` as the command line that runs it. */
import { z } from "zod";
import { refused, type Reading } from "./entry.ts";
import type { Values } from "./placeholders.ts";
import { inCamelCase, inputShape, valueOfInput } from "./registry-input.ts";

const argumentSchema = z.preprocess(
  inCamelCase,
  z.looseObject({
    type: z.string().optional(),
    name: z.string().optional(),
    valueHint: z.string().optional(),
    ...inputShape,
  }),
);

export const packageSchema = z.preprocess(
  inCamelCase,
  z.looseObject({
    registryType: z.string().optional(),
    /** Schema 2025-07-09 and before. */
    registryName: z.string().optional(),
    name: z.string().optional(),
    registryBaseUrl: z.string().optional(),
    identifier: z.string().optional(),
    version: z.string().optional(),
    runtimeHint: z.string().optional(),
    transport: z.looseObject({ type: z.string() }).optional(),
    runtimeArguments: z.array(argumentSchema).optional(),
    packageArguments: z.array(argumentSchema).optional(),
    environmentVariables: z
      .array(z.preprocess(inCamelCase, z.looseObject({ name: z.string(), ...inputShape })))
      .optional(),
  }),
);

export type Package = z.infer<typeof packageSchema>;
type Argument = z.infer<typeof argumentSchema>;

interface Parts {
  readonly identifier: string;
  readonly version: string | undefined;
  readonly runtime: readonly string[];
  readonly own: readonly string[];
  readonly variables: readonly string[];
}

interface Runner {
  readonly command: string;
  args(parts: Parts): readonly string[];
}

/** By runtime hint. */
const runners: Readonly<Record<string, Runner>> = {
  npx: {
    command: "npx",
    args: ({ identifier, version, runtime, own }) => [...once("-y", runtime), at(identifier, "@", version), ...own],
  },
  uvx: {
    command: "uvx",
    args: ({ identifier, version, runtime, own }) => [...runtime, at(identifier, "@", version), ...own],
  },
  docker: { command: "docker", args: container },
  podman: { command: "podman", args: container },
  dnx: {
    command: "dnx",
    args: ({ identifier, version, runtime, own }) => [
      at(identifier, "@", version),
      ...once("--yes", runtime),
      ...(own.length > 0 ? ["--", ...own] : []),
    ],
  },
};
/** By package type, where nothing is hinted. */
const usual: Readonly<Record<string, string>> = {
  npm: "npx",
  pypi: "uvx",
  oci: "docker",
  docker: "docker",
  nuget: "dnx",
};

export function isStdio({ transport }: Package): boolean {
  return (transport?.type ?? "stdio") === "stdio";
}

export function readPackage(one: Package, values: Values): Reading {
  const type = (one.registryType ?? one.registryName ?? "").toLowerCase();
  const hint = one.runtimeHint ?? "";
  const runner = (Object.hasOwn(runners, hint) ? runners[hint] : undefined) ?? runners[usual[type] ?? ""];
  if (!runner) return refused(`No command is known for its package type "${type.slice(0, 40)}".`);
  const identifier = one.identifier ?? one.name;
  if (identifier === undefined) return refused("Its package has no identifier.");
  const variables = (one.environmentVariables ?? []).map(({ name, ...input }) => ({
    name,
    ...valueOfInput(input, name, values),
  }));
  const runtime = (one.runtimeArguments ?? []).map((argument) => readArgument(argument, values));
  const own = (one.packageArguments ?? []).map((argument) => readArgument(argument, values));
  const set = variables.filter(({ text, missing }) => text !== undefined || missing.length > 0);
  const hasHint = hint === "" || Object.hasOwn(runners, hint);
  return {
    is: "stdio",
    command: runner.command,
    args: runner.args({
      identifier: type === "oci" ? imageOf(identifier, one.registryBaseUrl) : identifier,
      version: one.version,
      runtime: runtime.flatMap(({ words }) => words),
      own: own.flatMap(({ words }) => words),
      variables: set.map(({ name }) => name),
    }),
    env: Object.fromEntries(set.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text]]))),
    needs: [...new Set([...variables, ...runtime, ...own].flatMap(({ missing }) => missing))],
    notes: [
      ...variables.flatMap(({ name, text, missing }) =>
        text === undefined && missing.length === 0
          ? [`Variable ${name.slice(0, 100)} is optional and has no value, so it was left out.`]
          : [],
      ),
      ...(hasHint
        ? []
        : [`It names "${hint.slice(0, 40)}" to run it, which is not known; ${runner.command} was taken.`]),
    ],
    disabled: false,
    settings: {},
  };
}

function readArgument(argument: Argument, values: Values): { words: readonly string[]; missing: readonly string[] } {
  const { name, valueHint } = argument;
  const flag = argument.type === "named" && name !== undefined ? [name] : [];
  const { text, missing } = valueOfInput(argument, `input:${valueHint ?? name ?? "argument"}`, values);
  if (text !== undefined) return { words: [...flag, text], missing };
  // A name that nothing is said of is a switch; one that waits for a value is left out with it.
  const isSwitch = valueHint === undefined && missing.length === 0;
  return { words: isSwitch ? flag : [], missing };
}

function container({ identifier, version, runtime, own, variables }: Parts): readonly string[] {
  const named = new Set(runtime.map((word) => word.split("=", 1)[0]));
  const passed = variables.filter((name) => !named.has(name)).flatMap((name) => ["-e", name]);
  return ["run", ...once("-i", once("--rm", runtime)), ...passed, tagged(identifier, version), ...own];
}

/** Newer files write the tag or digest into the identifier. */
function tagged(image: string, version: string | undefined): string {
  return /[:@]/.test(image.slice(image.lastIndexOf("/") + 1)) ? image : at(image, ":", version);
}

function imageOf(identifier: string, base: string | undefined): string {
  const host = base?.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === undefined || host === "docker.io" || identifier.startsWith(`${host}/`)
    ? identifier
    : `${host}/${identifier}`;
}

function at(identifier: string, mark: string, version: string | undefined): string {
  return version === undefined || version === "" ? identifier : `${identifier}${mark}${version}`;
}

function once(word: string, words: readonly string[]): readonly string[] {
  return words.includes(word) ? words : [word, ...words];
}
