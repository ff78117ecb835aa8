/** The launcher's complaints are the connector's, but for where to read more. */
import { Complaint } from "../../connector/complaint.ts";

export { complain, Complaint, why } from "../../connector/complaint.ts";

/** Bad usage: exit code 2, and where to read more. */
export function badUsage(message: string): Complaint {
  return new Complaint(`${message} (npm start -- --help lists the options)`, 2);
}
