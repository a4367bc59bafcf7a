import type { Tables } from "../../adapters/dynamodb/client.ts";
import { findUnitConfig, listUnitConfigs } from "../../adapters/dynamodb/units/config-store.ts";
import { findUnitState, listUnitStates } from "../../adapters/dynamodb/units/state-store.ts";
import { unitStatus } from "../../core/unit-status.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { UnitOverview } from "../../schemas/operations/answers.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import type { UnitStatus } from "../../schemas/unit-state.ts";
import { readUnit, readUnits } from "./endpoint-units.ts";

/** How one unit stands. Throws `NOT_FOUND`, `NOT_COLLECTED` or `UNIT_UNKNOWN`. */
export async function readStatus(
  tables: Tables,
  address: UnitAddress,
  now: Date,
): Promise<UnitStatus> {
  const { tenantId, endpointId, unitId } = address;
  const { endpoint } = await readUnit(tables, address);
  const [state, config] = await Promise.all([
    findUnitState(tables, tenantId, endpointId, unitId),
    findUnitConfig(tables, tenantId, endpointId, unitId),
  ]);
  return unitStatus(address, state, config, endpoint, now.getTime());
}

/**
 * Every unit of an endpoint with its config and status, in the connector's order. Throws
 * `NOT_FOUND`.
 */
export async function readOverview(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  now: Date,
): Promise<{ endpoint: Endpoint; units: UnitOverview[] }> {
  const [{ endpoint, units }, states, configs] = await Promise.all([
    readUnits(tables, tenantId, endpointId),
    listUnitStates(tables, tenantId, endpointId),
    listUnitConfigs(tables, tenantId, endpointId),
  ]);

  const stateOf = new Map(states.map((state) => [state.unitId, state]));
  const configOf = new Map(configs.map((config) => [config.unitId, config]));
  const overview = units.map((unit) => {
    const state = stateOf.get(unit.unitId);
    const config = configOf.get(unit.unitId);
    return {
      ...unit,
      config: config ?? null,
      status: unitStatus(unit, state, config, endpoint, now.getTime()),
    };
  });

  return { endpoint, units: overview };
}
