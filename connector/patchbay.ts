/** `patchbay`: the commands that run beside the servers, away from the gateway. */
import { badUsage, complain } from "./complaint.ts";
import { connect } from "./connect.ts";
import { doctor } from "./doctor/doctor.ts";
import { doctorHelp } from "./doctor/options.ts";
import { helpText, readOptions } from "./options.ts";

export async function main(args: readonly string[]): Promise<void> {
  try {
    const [command, ...rest] = args;
    if (command === undefined || command === "help" || command === "--help" || command === "-h") {
      console.log(`${helpText}\n\n${doctorHelp}`);
    } else if (command === "doctor") {
      await doctor(rest);
    } else if (command === "connect") {
      const options = readOptions(rest, process.env);
      if (options === "help") console.log(helpText);
      else await connect(options);
    } else {
      throw badUsage(`there is no command '${command}'`);
    }
  } catch (reason) {
    process.exitCode = complain(reason);
  }
}
