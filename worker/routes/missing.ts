/** Requests that no route takes: not built yet, another method, nothing there; and the faults that nobody foresaw. */
import type { ErrorHandler, Handler, Hono, NotFoundHandler } from "hono";
import { nearest } from "../../core/policies/names.ts";
import type { AppEnv } from "../house.ts";
import { problem } from "../render/problem.ts";
import { documentPath } from "./document-path.ts";

const features: Readonly<Record<string, string>> = {
  mcp: "MCP over HTTP",
  dashboard: "The dashboard",
  metrics: "The metrics page",
};

export const notBuilt: Handler<AppEnv> = (c) => {
  const word = c.req.path.split("/")[1] ?? "";
  return problem({ code: "not_implemented", feature: features[word] ?? word }, c.get("requestId"));
};

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const longestPath = 200;

export function onMissing(app: Hono<AppEnv>): NotFoundHandler<AppEnv> {
  return (c) => {
    const { path } = c.req;
    const allowed = methods.filter((method) => isRouted(app, method, path));
    if (allowed.length > 0) {
      const withHead = allowed.flatMap((method) => (method === "GET" ? [method, "HEAD"] : [method]));
      return problem({ code: "method_not_allowed", allowed: withHead }, c.get("requestId"));
    }
    const shown = path.slice(0, longestPath);
    return problem({ code: "unknown_route", path: shown, nearest: nearestRoutes(app, shown) }, c.get("requestId"));
  };
}

export const onError: ErrorHandler<AppEnv> = (error, c) => {
  console.error("internal fault", c.get("requestId"), error);
  return problem({ code: "internal" }, c.get("requestId"));
};

/** Middleware is routed for all methods, a route for one. */
function isRouted(app: Hono<AppEnv>, method: string, path: string): boolean {
  const [handlers] = app.router.match(method, path);
  return handlers.some(([[, route]]) => route.method === method);
}

/** A route's parameters are read as what stands in their place, so that only its words count. */
function nearestRoutes(app: Hono<AppEnv>, path: string): string[] {
  const asked = path.split("/");
  const routes = new Map(
    app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ path: pattern }) => {
        const route = documentPath(pattern);
        const words = route
          .split("/")
          .map((word, index) => word.replace(/^\{\w+\}/, (name) => nameIn(asked[index]) ?? name));
        return [words.join("/"), route] as const;
      }),
  );
  return [...new Set(nearest(path, [...routes.keys()]).map((route) => routes.get(route) ?? route))];
}

/** What stands for the parameter in `name` or `name:verb`. */
function nameIn(word: string | undefined): string | undefined {
  return word === undefined ? undefined : (word.split(":", 1)[0] ?? "");
}
