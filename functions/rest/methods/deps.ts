import type { RunCallDeps } from "../../../integrations/methods/run-call.ts";
import type { Deps } from "../../runtime/deps.ts";

/** What calls of methods are executed with. */
export interface MethodsDeps
  extends RunCallDeps,
    Pick<Deps, "tables" | "defaultQuotas" | "cursors" | "staging" | "rateLimit"> {}
