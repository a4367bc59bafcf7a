import { DomainError } from "../../../schemas/errors.ts";

/** `what` is the part at fault; `fault` ends with the remedy, and holds nothing that was sent. */
export const formatFault = (what: string, fault: string): DomainError =>
  new DomainError("TRANSFORM_FAILED", `The ${what} ${fault}.`);

/** Names that an assignment would take for something else. */
export const isUsableName = (name: string): boolean => name !== "__proto__";
