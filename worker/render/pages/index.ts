/**
 * One page per failure code; `/docs/errors/{code}` and every problem document come from here.
 * A code that is missing does not compile.
 */
import type { FailureCode } from "../../../core/contract/failure.ts";
import { ofCallers } from "./of-callers.ts";
import { ofServers } from "./of-servers.ts";
import type { FailurePage } from "./page.ts";

export const pages = { ...ofCallers, ...ofServers } satisfies Record<FailureCode, FailurePage>;
