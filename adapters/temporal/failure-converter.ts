import { DefaultFailureConverter } from "@temporalio/common";

/**
 * Messages and stack traces go into a payload, which the codec encrypts: a failure tells Temporal
 * its type only.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
