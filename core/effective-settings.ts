import type { Connector } from "../schemas/connector.ts";
import type {
  EffectiveSettings,
  EndpointSettingsInput,
  MethodSettings,
  OperationsSettings,
  SettingLevel,
} from "../schemas/operations-settings.ts";
import type { RateLimit } from "../schemas/rate-limit.ts";
import { effectiveLimits } from "./effective-limits.ts";

/** What each level says, of which every one but the environment may say nothing. */
export interface SettingSources {
  readonly environment: OperationsSettings;
  readonly rateLimit: RateLimit;
  readonly connector: Pick<Connector, "rateLimit" | "operations">;
  readonly endpointConfig: Readonly<Record<string, unknown>>;
  readonly endpoint: EndpointSettingsInput;
  readonly method: string | undefined;
}

/**
 * Each setting in force, and who says so: environment < connector < endpoint < method, each name by
 * itself (decision 29).
 */
export function effectiveSettings(sources: SettingSources): EffectiveSettings {
  const { environment, connector, endpoint } = sources;
  const method = methodSettings(endpoint, sources.method);
  const levels: [SettingLevel, Readonly<Record<string, unknown>>][] = [
    ["METHOD", method],
    ["ENDPOINT", endpoint],
    ["CONNECTOR", connector.operations ?? {}],
    ["ENVIRONMENT", environment],
  ];

  const said = (name: string) => {
    const found = levels.find(([, settings]) => (settings[name] ?? undefined) !== undefined);
    return found && { value: found[1][name], from: found[0] };
  };
  const names = Object.keys(environment);
  const operations = Object.fromEntries(names.map((name) => [name, said(name)]));
  return { ...operations, ...limits(sources, method) } as EffectiveSettings;
}

/** What one method says of itself. */
export const methodSettings = (
  { methods = {} }: EndpointSettingsInput,
  method: string | undefined,
): MethodSettings =>
  (method !== undefined && Object.hasOwn(methods, method) && methods[method]) || {};

/** The budget is the endpoint's; a method may have less of it. */
function limits(
  { rateLimit, connector, endpointConfig }: SettingSources,
  { requestsPerSecond, burst }: MethodSettings,
) {
  const { maxPerRecordCalls: _, ...shared } = effectiveLimits(
    rateLimit,
    connector.rateLimit,
    endpointConfig,
  );
  return {
    ...shared,
    ...(requestsPerSecond !== undefined && {
      requestsPerSecond: { value: requestsPerSecond, from: "METHOD" },
    }),
    ...(burst !== undefined && { burst: { value: burst, from: "METHOD" } }),
  };
}

/** The settings alone. */
export function settingValues(settings: EffectiveSettings): SettingValues {
  const entries = Object.entries(settings).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries) as unknown as SettingValues;
}

export type SettingValues = {
  readonly [N in keyof EffectiveSettings]: EffectiveSettings[N]["value"];
};
