/** `GET /docs` and `GET /docs/errors/{code}`: the same words as the OpenAPI document and the problem documents, for people. */
import type { Handler, Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import type { FailureCode } from "../../../core/contract/failure.ts";
import { failure, success } from "../../../core/contract/outcome.ts";
import { nearest } from "../../../core/policies/names.ts";
import type { AppEnv } from "../../house.ts";
import { pages } from "../../render/pages/index.ts";
import { described, endpoint } from "../endpoint.ts";
import { documentOf, type OpenApiDocument } from "../openapi.ts";
import { pageResponse, type Markup } from "./html.ts";
import { anchorOf, codeWords, fieldsMarkup, routeMarkup, type Operation, type Route } from "./operation.ts";
import type { Schema } from "./schema.ts";

export function docsPage(app: Hono<AppEnv>): Handler<AppEnv> {
  return described(
    async (c) => {
      const document = await documentOf(app);
      const { origin } = new URL(c.req.url);
      return pageResponse(docsOf(document, origin), { "cache-control": "public, max-age=300" });
    },
    {
      summary: "Read the documents",
      description: "Every route, with examples, for people.",
      tag: "Gateway",
      open: true,
    },
  );
}

export const errorPage = endpoint({
  summary: "Read about an error",
  description: "What a problem document's `code` means, and what to do about it.",
  tag: "Gateway",
  params: z.object({ code: z.string().min(1).max(64).describe("A problem document's `code`.") }),
  open: true,
  async handle({ params }) {
    const { code } = params;
    if (isCode(code)) return success(await pageResponse(errorOf(code), { "cache-control": "public, max-age=300" }));
    const near = nearest(code, Object.keys(pages)).map((one) => `/docs/errors/${one}`);
    return failure({ code: "unknown_route", path: `/docs/errors/${code}`, nearest: near });
  },
});

function isCode(code: string): code is FailureCode {
  return Object.hasOwn(pages, code);
}

function errorOf(code: FailureCode) {
  const { status, title, meaning, fix, retryable } = pages[code];
  const body = html`<p class="soft"><a href="/docs">Patchbay</a> · <a href="/docs#errors">Errors</a></p>
    <h1>${title}</h1>
    <p class="soft"><code>${code}</code> · HTTP status ${status}</p>
    <p>${codeWords(meaning)}</p>
    <h4>What to do</h4>
    <p>${codeWords(fix)}</p>
    <p>
      ${retryable ? "The same request may succeed later." : "The same request will fail again until something is changed."}
    </p>`;
  return { title: `${title} · Patchbay`, body };
}

function docsOf(document: OpenApiDocument, origin: string) {
  const routes = routesOf(document);
  const schemas = (document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>;
  const tags = (document.tags ?? []).map((tag) => ({
    ...tag,
    routes: routes.filter(({ operation }) => operation.tags?.includes(tag.name)),
  }));
  const body = html`<h1>${document.info.title}</h1>
    <p class="soft">Version ${document.info.version} · <a href="/openapi.json">OpenAPI 3.1</a></p>
    ${(document.info.description ?? "").split("\n\n").map((part) => html`<p>${codeWords(part)}</p>`)}
    <nav>
      ${tags.map(
        ({ name, routes: own }) =>
          html`<h4>${name}</h4>
            <ul>
              ${own.map(navLine)}
            </ul>`,
      )}
      <h4>More</h4>
      <ul>
        <li><a href="#schemas">Schemas</a></li>
        <li><a href="#errors">Errors</a></li>
      </ul>
    </nav>
    ${tags.map(
      ({ name, description, routes: own }) =>
        html`<h2>${name}</h2>
          <p>${description ?? ""}</p>
          ${own.map((route) => routeMarkup(route, schemas, origin))}`,
    )}
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(schemas).map(([name, schema]) => schemaMarkup(name, schema))}
    <h2 id="errors">Errors</h2>
    <p>Every error is a problem document (RFC 9457). Decide by <code>code</code>; it does not change.</p>
    ${errorsMarkup()}`;
  return { title: `${document.info.title} documents`, body };
}

function navLine(route: Route): Markup {
  return html`<li>
    <a href="#${anchorOf(route)}"
      ><span class="method ${route.method}">${route.method.toUpperCase()}</span> ${route.path}</a
    >
  </li>`;
}

function schemaMarkup(name: string, schema: Schema): Markup {
  return html`<h3 id="schema-${name}">${name}</h3>
    <p>${codeWords(schema.description ?? "")}</p>
    ${fieldsMarkup(schema)}`;
}

function errorsMarkup(): Markup {
  return html`<table>
    ${Object.entries(pages).map(
      ([code, { status, title }]) =>
        html`<tr>
          <td>
            <a href="/docs/errors/${code}"><code>${code}</code></a>
          </td>
          <td>${status}</td>
          <td>${title}</td>
        </tr>`,
    )}
  </table>`;
}

function routesOf(document: OpenApiDocument): Route[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (["get", "post", "put", "patch", "delete"] as const).flatMap((method) => {
      const operation = item?.[method];
      // Ours hold no references in the places that the page looks at.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return operation ? [{ method, path, operation: operation as Operation }] : [];
    }),
  );
}
