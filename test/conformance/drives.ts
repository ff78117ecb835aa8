/** What each client scenario of the suite wants to see done to its server. Its server keeps the score. */
import { fieldsOf } from "./fixture/questions.ts";
import type { Door, Manner } from "./doors.ts";
import type { Fields } from "./fixture/offer.ts";

interface Drive {
  manner?(door: () => Door): Manner;
  run(door: Door, context: Fields): Promise<void>;
}

/** Tools whose `x-mcp-header` is invalid: a client drops them, so a gateway knows no such tools. */
const invalidTools = [
  "invalid_empty_header",
  "invalid_object_header",
  "invalid_array_header",
  "invalid_null_header",
  "invalid_number_header",
  "invalid_duplicate_same_case",
  "invalid_duplicate_diff_case",
  "invalid_space_in_name",
  "invalid_colon_in_name",
  "invalid_non_ascii_name",
  "invalid_control_char_name",
];

export const drives: Readonly<Record<string, Drive>> = {
  initialize: { run: (door) => list(door) },
  "request-metadata": { run: (door) => list(door) },
  tools_call: {
    async run(door) {
      await list(door);
      expectText(await door.call("add_numbers", { a: 5, b: 3 }), "The sum of 5 and 3 is 8");
    },
  },
  "sep-2322-client-request-state": {
    // Another tool is called while the first waits for its answer: nothing of one may show up in the other.
    manner(door) {
      let first = true;
      return {
        async onElicit() {
          if (first) {
            first = false;
            expectText(await door().call("test_mrtr_unrelated"), "unrelated-ok");
          }
          return { action: "accept", content: { confirmed: true } };
        },
      };
    },
    async run(door) {
      await list(door);
      expectText(await door.call("test_mrtr_echo_state"), "echo-state-ok");
      expectText(await door.call("test_mrtr_no_state"), "no-state-ok");
      // No `resultType` means complete. The official client refuses that of a modern server; a gateway makes it good.
      const untyped = door.call("test_mrtr_no_result_type");
      if (door.name === "direct") await untyped.catch(() => undefined);
      else expectText(await untyped, "no-result-type-test-ok");
    },
  },
  "http-standard-headers": {
    async run(door) {
      await list(door);
      for (const tool of ["test_headers", "my-hyphenated-tool"]) {
        expectText(await door.call(tool), "Headers test completed");
      }
      if (!door.client) return;
      const { resources } = await door.client.listResources();
      for (const { uri } of resources) await door.client.readResource({ uri });
      const { prompts } = await door.client.listPrompts();
      for (const { name } of prompts) await door.client.getPrompt({ name });
    },
  },
  "http-custom-headers": {
    async run(door, context) {
      await list(door);
      for (const { name, arguments: args } of context["toolCalls"] as readonly Fields[]) {
        expectText(await door.call(String(name), fieldsOf(args)), "Custom headers test completed");
      }
    },
  },
  "http-invalid-tool-headers": {
    manner: () => ({ era: "legacy" }),
    async run(door) {
      for (const { name } of await door.tools()) await door.call(String(name), { region: "eu" });
      if (door.name === "direct") return;
      for (const name of invalidTools) await mustFail(name, door.call(name, { value: "x" }));
    },
  },
  "json-schema-ref-no-deref": {
    async run(door) {
      await list(door);
      // This server can list its tool and not run it: all that counts is what is fetched meanwhile.
      await door.call("lookup_user", { id: "ada", profile: { displayName: "Ada" } }).catch(() => undefined);
    },
  },
  "json-schema-2020-12-preservation": {
    async run(door) {
      const tools = await door.tools();
      const schema = tools.find(({ name }) => name === "json_schema_2020_12_tool")?.["inputSchema"];
      expectText(await door.call("json_schema_echo", { schema }), "echoed");
    },
  },
  "sse-retry": {
    async run(door) {
      await list(door);
      expectText(await door.call("test_reconnection"), "Reconnection test completed successfully");
    },
  },
  "elicitation-sep1034-client-defaults": {
    async run(door) {
      await list(door);
      expectText(await door.call("test_client_elicitation_defaults"), "Elicitation completed");
    },
  },
};

async function list(door: Door): Promise<void> {
  await door.tools();
}

function expectText(result: Fields, wanted: string): void {
  const said = JSON.stringify(result["content"] ?? result);
  if (!said.includes(wanted)) throw new Error(`expected '${wanted}', got ${said}`);
}

async function mustFail(tool: string, call: Promise<Fields>): Promise<void> {
  const failed = await call.then(
    ({ isError }) => isError === true,
    () => true,
  );
  if (!failed) throw new Error(`'${tool}' should not be there`);
}
