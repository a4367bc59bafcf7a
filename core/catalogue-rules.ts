/** Which endpoints have a catalogue to collect: of some connectors only the methods are called. */
import type { Connector } from "../schemas/connector.ts";
import { COLLECT_EVERY_HOURS } from "../schemas/endpoint.ts";
import { DomainError } from "../schemas/errors.ts";
import { throwFaults } from "./config-faults.ts";

type Described = Pick<Connector, "name" | "capabilities">;

export const hasCatalogue = ({ capabilities }: Described): boolean =>
  capabilities.includes("metadata.collect");

/** Throws `CONFLICT` for an endpoint of a connector with methods only. */
export function requireCatalogue(connector: Described): void {
  if (hasCatalogue(connector)) return;
  throw new DomainError(
    "CONFLICT",
    `Connector ${connector.name} has methods only: there is nothing to collect. Call its methods.`,
  );
}

/**
 * Hours between the collections of an endpoint, from what was asked (undefined: nothing was said)
 * and what holds otherwise. Throws `CONFIG_INVALID` when there is nothing to collect.
 */
export function collectEveryHours(
  connector: Described,
  asked: number | null | undefined,
  otherwise: number | null = COLLECT_EVERY_HOURS,
): number | null {
  if (hasCatalogue(connector)) return asked === undefined ? otherwise : asked;

  const message = "must be null or left out: the connector has methods only";
  const faults = typeof asked === "number" ? [{ path: "collectEveryHours", message }] : [];
  throwFaults(`Connector ${connector.name} has nothing to collect`, faults);
  return null;
}
