/** A `server.json` of the MCP Registry: a remote where there is one, else a package as a command line. */
import { z } from "zod";
import { faultOf } from "./client-entry.ts";
import { refused, type Reading } from "./entry.ts";
import { isStdio, packageSchema, readPackage } from "./package-command.ts";
import { fillBraces, type Values } from "./placeholders.ts";
import { inCamelCase, inputShape, resolveWith, valueOfInput } from "./registry-input.ts";
import { credentialName } from "./variable-name.ts";

const remoteSchema = z.preprocess(
  inCamelCase,
  z.looseObject({
    type: z.string().optional(),
    transportType: z.string().optional(),
    url: z.string(),
    headers: z.array(z.preprocess(inCamelCase, z.looseObject({ name: z.string(), ...inputShape }))).optional(),
    variables: inputShape.variables,
  }),
);

type Remote = z.infer<typeof remoteSchema>;

const serverJsonSchema = z.looseObject({
  title: z.string().min(1).max(200).optional(),
  remotes: z.array(remoteSchema).optional(),
  packages: z.array(packageSchema).optional(),
});

export function readServerJson(id: string, given: unknown, values: Values): Reading {
  const parsed = serverJsonSchema.safeParse(given);
  if (!parsed.success) return refused(faultOf(parsed.error));
  const { remotes = [], packages = [], title } = parsed.data;
  const remote = remotes.find((one) => /streamable|http/i.test(typeOf(one))) ?? remotes[0];
  const others = remotes.length + packages.length - 1;
  const notes = others > 0 ? [`It can be had in ${others + 1} ways; this is the first that fits.`] : [];
  const reading = remote ? readRemote(id, remote, values) : readPackages(packages, values);
  if (reading.is === "refused") return reading;
  return { ...reading, ...(title === undefined ? {} : { title }), notes: [...reading.notes, ...notes] };
}

function readRemote(id: string, remote: Remote, values: Values): Reading {
  const url = fillBraces(remote.url, resolveWith(remote.variables, values));
  const headers = (remote.headers ?? []).map(({ name, ...input }) => ({
    name,
    ...valueOfInput(input, credentialName(id, name), values),
  }));
  return {
    is: "http",
    url: url.text,
    headers: Object.fromEntries(headers.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text]]))),
    ...(typeOf(remote).toLowerCase() === "sse" ? { kind: "sse" as const } : {}),
    needs: [...new Set([...url.missing, ...headers.flatMap(({ missing }) => missing)])],
    notes: headers.flatMap(({ name, text, missing }) =>
      text === undefined && missing.length === 0
        ? [`Header ${name.slice(0, 100)} is optional and has no value, so it was left out.`]
        : [],
    ),
    disabled: false,
    settings: {},
  };
}

function readPackages(packages: readonly z.infer<typeof packageSchema>[], values: Values): Reading {
  const one = packages.find(isStdio);
  if (one) return readPackage(one, values);
  if (packages.length === 0) return refused("It lists neither remotes nor packages.");
  return refused("Its packages speak HTTP at an address of their own: start one, and register that address.");
}

function typeOf(remote: Remote): string {
  return remote.type ?? remote.transportType ?? "";
}
