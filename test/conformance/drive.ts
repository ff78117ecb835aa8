/**
 * The command under test in the suite's client scenarios, `drive.ts <server-url>`: registers that server at the gateway
 * GATEWAY_URL (key GATEWAY_KEY, door DOOR), then uses it through the gateway. Without GATEWAY_URL it goes there itself.
 */
import { openMcp, openRest, registered, type Door, type Manner } from "./doors.ts";
import { drives } from "./drives.ts";
import { fieldsOf } from "./fixture/questions.ts";

const {
  GATEWAY_URL,
  GATEWAY_KEY = "",
  DOOR = "mcp",
  MCP_CONFORMANCE_SCENARIO = "",
  MCP_CONFORMANCE_CONTEXT,
} = process.env;
const target = process.argv.at(-1) ?? "";
const drive = drives[MCP_CONFORMANCE_SCENARIO];
if (!drive) throw new Error(`nobody knows how to drive '${MCP_CONFORMANCE_SCENARIO}'`);

let door: Door | undefined;
const manner = drive.manner?.(() => door ?? missingDoor()) ?? {};
const context = fieldsOf(JSON.parse(MCP_CONFORMANCE_CONTEXT ?? "{}"));

if (GATEWAY_URL === undefined) {
  await through(() => openMcp(target, { ...manner, era: "modern" }));
} else {
  const gateway = { url: GATEWAY_URL, key: GATEWAY_KEY };
  const id = `leg-${process.pid}`;
  await registered(gateway, id, target, () => through(() => openDoor(gateway, id, manner)));
}

async function through(open: () => Promise<Door>): Promise<void> {
  door = await open();
  try {
    await drive?.run(door, context);
  } finally {
    await door.close();
  }
}

function openDoor(gateway: { url: string; key: string }, id: string, how: Manner): Promise<Door> {
  if (DOOR === "rest") return Promise.resolve(openRest(gateway, id));
  return openMcp(new URL(`/mcp/servers/${id}`, gateway.url).href, how, gateway.key);
}

function missingDoor(): never {
  throw new Error("the door is not open yet");
}
