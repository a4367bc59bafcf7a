/** Which unit: its id is unique within its endpoint only. */
export interface UnitAddress {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly unitId: string;
}
