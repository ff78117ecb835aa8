/** The `_meta` of a client's request, in both eras. */
import { eras } from "./eras/index.ts";
import { memberSpans, memberText } from "./json-text.ts";
import { metaKeys, travelling } from "./meta.ts";
import { invalidParams, refused, unsupportedVersion, type Checked } from "./protocol-error.ts";

/** What of a request's `_meta` concerns either era. */
export interface RequestMeta {
  /** The client's own, raw JSON; present when it wants progress. */
  readonly progressTokenText?: string;
  /** The members that travel on, such as trace context: a JSON object as text. */
  readonly metaText?: string;
}

export interface Envelope extends RequestMeta {
  readonly protocolVersion: string;
  /** A JSON object as text. */
  readonly capabilitiesText: string;
  readonly logLevel?: string;
}

const levels = new Set(["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]);

/** Of a legacy request. `paramsText` is a valid JSON object as text. */
export function readRequestMeta(paramsText: string): Checked<RequestMeta> {
  const meta = memberText(paramsText, "_meta");
  return meta === undefined ? { ok: true, value: {} } : readMeta(meta);
}

function readMeta(meta: string): Checked<RequestMeta> {
  if (!meta.startsWith("{")) return refused(invalidParams("_meta is not an object"));
  const token = memberText(meta, metaKeys.progressToken);
  if (token !== undefined && !/^["\d-]/.test(token)) {
    return refused(invalidParams("_meta: progressToken is neither a string nor a number"));
  }
  const rest = travelling(meta);
  return {
    ok: true,
    value: {
      ...(token === undefined ? {} : { progressTokenText: token }),
      ...(rest === "" ? {} : { metaText: `{${rest}}` }),
    },
  };
}

/** Read lately: a client writes the same into every request, but for what is about that request. */
const lately = new Map<string, Checked<Envelope>>();
const mostLately = 500;
const longestLately = 4_096;

/** Of a modern request: the capabilities must be declared, and the version be one that we speak. */
export function readEnvelope(paramsText: string): Checked<Envelope> {
  const meta = memberText(paramsText, "_meta") ?? "{}";
  const known = lately.get(meta);
  if (known) return known;
  const envelope = envelopeIn(meta);
  if (meta.length <= longestLately && !meta.includes(metaKeys.progressToken)) {
    if (lately.size >= mostLately) lately.clear();
    lately.set(meta, envelope);
  }
  return envelope;
}

function envelopeIn(meta: string): Checked<Envelope> {
  const read = readMeta(meta);
  if (!read.ok) return read;
  const spans = memberSpans(meta);
  const textOf = (name: string) => {
    const span = spans.get(name);
    return span && meta.slice(span.start, span.end);
  };
  const versionText = textOf(metaKeys.protocolVersion);
  const capabilitiesText = textOf(metaKeys.clientCapabilities);
  if (!versionText?.startsWith('"')) return refused(invalidParams(`_meta lacks ${metaKeys.protocolVersion}`));
  if (!capabilitiesText?.startsWith("{")) return refused(invalidParams(`_meta lacks ${metaKeys.clientCapabilities}`));
  const levelText = textOf(metaKeys.logLevel);
  const logLevel: unknown = levelText && JSON.parse(levelText);
  if (logLevel !== undefined && (typeof logLevel !== "string" || !levels.has(logLevel))) {
    return refused(invalidParams(`_meta: ${metaKeys.logLevel} is not a level`));
  }
  const protocolVersion = String(JSON.parse(versionText));
  const { versions } = eras.modern;
  if (!versions.includes(protocolVersion)) return refused(unsupportedVersion(protocolVersion, versions));
  return { ok: true, value: { ...read.value, protocolVersion, capabilitiesText, ...(logLevel ? { logLevel } : {}) } };
}
