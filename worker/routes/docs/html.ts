/** Pages for people: one frame, no scripts, nothing from elsewhere. `html` escapes what is put into it. */
import { html, raw } from "hono/html";
import { css } from "./style.ts";

export type Markup = ReturnType<typeof html>;

interface Page {
  readonly title: string;
  readonly body: Markup;
}

/** The page may load nothing and run nothing but its own style. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export async function pageResponse(
  page: Page | Promise<Page>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { title, body } = await page;
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${raw(css)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return new Response(String(text), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      ...headers,
    },
  });
}

/** Browsers name HTML; programs take anything. */
export function wantsPage(request: Request): boolean {
  return request.headers.get("accept")?.includes("text/html") ?? false;
}
