/** A toolset's life: create it, change it, delete it. */
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import { toolsetInputSchema, toolsetPatchSchema } from "../../../core/contract/toolset-input.ts";
import { forgetToolset } from "../../leases/toolsets.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { rewrite } from "../rewrite.ts";
import { exampleToolset } from "./example.ts";
import { toolsetPath } from "./path.ts";
import { changedRecord, recordOf } from "./record.ts";
import { toolsetSchema, viewToolset } from "./view.ts";

const { id, title, instructions, servers, tools, resources, overrides, naming } = exampleToolset;

export const createToolset = endpoint({
  summary: "Create a toolset",
  description:
    "Published at `/mcp/toolsets/{id}` at once. It shows a key no tool that the key may not use. An id is enough: such a " +
    "toolset offers everything.",
  tag: "Toolsets",
  body: toolsetInputSchema,
  status: 201,
  answer: toolsetSchema,
  example: {
    body: { id, title, instructions, servers, tools, resources, overrides, naming },
    answer: exampleToolset,
  },
  async handle({ house, caller, body: { id: name, ...body } }) {
    const now = Date.now();
    const toolset = recordOf(name, body, { createdAt: now, updatedAt: now });
    const actor = actorOf({ caller, house });
    const created = flat(await askFleet(house.env, (fleet) => fleet.createToolset(toolset, actor)));
    forgetToolset(name);
    if (!created.ok) return created;
    const view = viewToolset(created.value, caller);
    return success(Response.json(view, { status: 201, headers: { location: `/toolsets/${view.id}` } }));
  },
});

export const changeToolset = endpoint({
  summary: "Change a toolset",
  description:
    "A JSON Merge Patch (RFC 7396): what is left out stays, null removes, lists are replaced as a whole. Holds everywhere " +
    "within two seconds.",
  tag: "Toolsets",
  params: toolsetPath,
  body: toolsetPatchSchema,
  answer: toolsetSchema,
  example: {
    body: { title: null, overrides: { search__query: { description: "Searches the web." } } },
    answer: exampleToolset,
  },
  async handle({ house, caller, params, body }) {
    const actor = actorOf({ caller, house });
    const changed = await rewrite(
      async () => flat(await askFleet(house.env, (fleet) => fleet.toolset(params.id))),
      async (toolset) => {
        const fresh = changedRecord(toolset, body, Date.now());
        if (!fresh.ok) return fresh;
        return flat(await askFleet(house.env, (fleet) => fleet.replaceToolset(fresh.value, actor, toolset)));
      },
    );
    forgetToolset(params.id);
    return changed.ok ? success(viewToolset(changed.value, caller)) : changed;
  },
});

export const deleteToolset = endpoint({
  summary: "Delete a toolset",
  description: "Refused while keys have it as theirs.",
  tag: "Toolsets",
  params: toolsetPath,
  answer: z.object({ id: z.string() }).meta({ id: "DeletedToolset" }),
  example: { answer: { id } },
  async handle({ house, caller, params }) {
    const actor = actorOf({ caller, house });
    const gone = flat(await askFleet(house.env, (fleet) => fleet.deleteToolset(params.id, actor)));
    forgetToolset(params.id);
    return gone.ok ? success({ id: gone.value.id }) : gone;
  },
});
