/** `patchbay`: the commands that run beside the servers, away from the gateway. */
import { badUsage, complain } from "./complaint.ts";
import { doctorHelp } from "./doctor/options.ts";
import { helpText, readOptions } from "./options.ts";

export async function main(args: readonly string[]): Promise<void> {
  try {
    const [command, ...rest] = args;
    if (command === undefined || command === "help" || command === "--help" || command === "-h") {
      console.log(`${helpText}\n\n${doctorHelp}`);
    } else if (command === "doctor") {
      // Each command loads what it needs alone: a connector runs for months.
      const { doctor } = await import("./doctor/doctor.ts");
      await doctor(rest);
    } else if (command === "connect") {
      const options = readOptions(rest, process.env);
      if (options === "help") return console.log(helpText);
      const { connect } = await import("./connect.ts");
      await connect(options);
    } else {
      throw badUsage(`there is no command '${command}'`);
    }
  } catch (reason) {
    process.exitCode = complain(reason);
  }
}
