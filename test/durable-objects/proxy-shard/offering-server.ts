/** A legacy server without sessions that has prompts, resources and templates, as many as a test gives it. */
import { FakeServer } from "./fake-server.ts";

interface Offer {
  prompts: readonly string[];
  resources: readonly string[];
  templates: readonly string[];
}

export class OfferingServer extends FakeServer {
  readonly offer: Offer;
  capabilities: Readonly<Record<string, unknown>> = { tools: {}, prompts: {}, resources: { subscribe: true } };
  instructions: string | undefined;

  constructor(host: string, offer: Partial<Offer>, tools: readonly string[] = []) {
    super(host, tools);
    this.offer = { prompts: [], resources: [], templates: [], ...offer };
  }

  override async answer(request: Request): Promise<Response> {
    if (this.mood !== "well" || request.method !== "POST") return super.answer(request);
    const { id, method } = await request.json<{ id?: unknown; method: string }>();
    if (id === undefined) return new Response(null, { status: 202 });
    const result = this.#resultOf(method);
    const said = result === undefined ? { error: { code: -32601, message: "Method not found" } } : { result };
    return Response.json({ jsonrpc: "2.0", id, ...said });
  }

  #resultOf(method: string): object | undefined {
    const { prompts, resources, templates } = this.offer;
    if (method === "initialize") {
      this.initializes += 1;
      const { capabilities, instructions } = this;
      const serverInfo = { name: this.host, version: "1" };
      return { protocolVersion: "2025-11-25", capabilities, serverInfo, instructions };
    }
    if (method === "tools/list")
      return { tools: this.tools.map((tool) => ({ ...tool, inputSchema: { type: "object" } })) };
    if (method === "prompts/list") return { prompts: prompts.map((name) => ({ name })) };
    if (method === "resources/list") return { resources: resources.map((uri) => ({ uri, name: uri })) };
    if (method === "resources/templates/list") {
      return { resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })) };
    }
    return undefined;
  }
}
