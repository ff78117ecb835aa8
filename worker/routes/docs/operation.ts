/** One route on the page: what it takes, what it gives, a command to paste. */
import { html } from "hono/html";
import type { Markup } from "./html.ts";
import { fieldsOf, nameOf, typeOf, type Field, type Schema } from "./schema.ts";

/** As much of an OpenAPI operation as the page tells. */
export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly "x-required-scope"?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function anchorOf({ operation, path }: Route): string {
  return operation.operationId ?? path;
}

export function routeMarkup(route: Route, schemas: Readonly<Record<string, Schema>>, origin: string): Markup {
  const { method, path, operation } = route;
  const body = operation.requestBody?.content["application/json"];
  const [status, success] = Object.entries(operation.responses ?? {})[0] ?? [];
  const answer = success?.content?.["application/json"];
  return html`<h3 id="${anchorOf(route)}">
      <span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code>
    </h3>
    <p><strong>${operation.summary}.</strong> ${codeWords(operation.description ?? "")} ${needs(operation)}</p>
    ${parametersMarkup(operation)}
    ${
      body?.schema
        ? html`<h4>Body</h4>
            ${fieldsMarkup(body.schema, schemas)}`
        : ""
    }
    <pre><code>${curl(route, origin, body?.example)}</code></pre>
    ${answer ? answerMarkup(status ?? "200", answer) : ""}`;
}

export function fieldsMarkup(schema: Schema, schemas: Readonly<Record<string, Schema>> = {}): Markup {
  const whole = schema.$ref === undefined ? schema : (schemas[nameOf(schema.$ref)] ?? schema);
  const fields = fieldsOf(whole);
  return fields.length === 0 ? html`<p>${codeWords(typeOf(whole))}</p>` : table(fields);
}

function answerMarkup(status: string, { schema, example }: Content[string]): Markup {
  const name = schema?.$ref === undefined ? undefined : nameOf(schema.$ref);
  return html`<p class="soft">Answers ${status}${name ? html` with <a href="#schema-${name}">${name}</a>` : ""}.</p>
    ${
      example === undefined
        ? ""
        : html`<details>
            <summary>Example answer</summary>
            <pre><code>${JSON.stringify(example, null, 2)}</code></pre>
          </details>`
    }`;
}

function needs(operation: Operation): Markup {
  if (operation.security?.length === 0) return html`<span class="soft">Open: no key needed.</span>`;
  const scope = operation["x-required-scope"];
  return scope === undefined ? html`` : html`<span class="soft">Needs the scope <code>${scope}</code>.</span>`;
}

function parametersMarkup({ parameters = [] }: Operation): Markup {
  if (parameters.length === 0) return html``;
  return html`<h4>Parameters</h4>
    ${table(
      parameters.map(({ name, in: place, required, description, schema }) => ({
        name: place === "path" ? `{${name}}` : place === "header" ? `${name}:` : `?${name}`,
        type: schema ? typeOf(schema) : "string",
        required: required ?? false,
        description: description ?? "",
      })),
    )}`;
}

function table(fields: readonly Field[]): Markup {
  return html`<table>
    ${fields.map(
      ({ name, type, required, description }) =>
        html`<tr>
          <td><code>${name}</code>${required ? html`<br /><span class="soft">required</span>` : ""}</td>
          <td>${type}</td>
          <td>${codeWords(description)}</td>
        </tr>`,
    )}
  </table>`;
}

/** `code` between backticks, as in the descriptions. */
export function codeWords(text: string): Markup {
  return html`${text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function curl({ method, path, operation }: Route, origin: string, example: unknown): string {
  const open = operation.security?.length === 0;
  const words = [
    "curl -s",
    ...(method === "get" || (method === "post" && example !== undefined) ? [] : [`-X ${method.toUpperCase()}`]),
    `${origin}${path}`,
    ...(open ? [] : [`-H "Authorization: Bearer $KEY"`]),
    ...(example === undefined ? [] : [`-H "Content-Type: application/json" \\\n  -d '${JSON.stringify(example)}'`]),
  ];
  return words.join(" ");
}
