import type { RegisteredMethod } from "../../../adapters/dynamodb/registry/methods.ts";

/** What vendors call the read that answers who asks. */
const WHO_ASKS = /\/(me|user|myself|whoami|account|self|profile|users\/me|viewer|ping)$/i;

/**
 * A harmless read by which a credential is tried: of reads without required parameters the one that
 * answers who asks, or else the shortest. The base itself where there is none.
 */
export function probePathOf(methods: readonly RegisteredMethod[]): string {
  const paths = methods.flatMap(({ method, call }) => {
    const isPlain = call?.verb === "GET" && !call.path.includes("{");
    const required = method.paramSchema.required;
    const needsNothing = !Array.isArray(required) || required.length === 0;
    return isPlain && needsNothing ? [call.path] : [];
  });

  const sorted = paths.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return sorted.find((path) => WHO_ASKS.test(path)) ?? sorted[0] ?? "/";
}
