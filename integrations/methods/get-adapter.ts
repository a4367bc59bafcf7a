import type { RegisteredMethod } from "../../adapters/dynamodb/registry/methods.ts";
import type { Connector } from "../../schemas/connector.ts";
import {
  INTERFACE_VERSION,
  type IntegrationPlugin,
  type MethodContext,
  type Params,
  type VendorAnswer,
  type VendorRequest,
} from "../plugin.ts";
import type { MethodDeps } from "./call.ts";
import { CallFailed, notFound } from "./call-failed.ts";

/** Document 004's adapter: what turns a call of one method into a request, and its answer back. */
export interface Adapter extends Pick<IntegrationPlugin, "authorize" | "covers" | "refusal"> {
  readonly transformRequest: (params: Params, context: MethodContext) => VendorRequest;
  readonly transformResponse: (
    answer: VendorAnswer,
    context: MethodContext,
    params: Params,
  ) => unknown;
}

const majorOf = (version: string) => version.split(".")[0];

/**
 * The adapter of the definition's type. Throws `Adapter not found: …`, also where the plugin is
 * made for another major of the plugin interface, or lacks a method that the registry has.
 */
export function getAdapter(
  deps: Pick<MethodDeps, "pluginOf">,
  definition: Connector,
  registered: RegisteredMethod,
): Adapter {
  const { name, version } = definition;
  const { method } = registered;
  const plugin = deps.pluginOf(definition, [registered]);
  if (!plugin) throw notFound("Adapter", `${name}@${version}`);
  if (majorOf(plugin.interfaceVersion) !== majorOf(INTERFACE_VERSION)) {
    const { interfaceVersion } = plugin;
    throw new CallFailed(
      `The adapter ${name}@${version} is made for version ${interfaceVersion} of the plugin ` +
        `interface, and this is ${INTERFACE_VERSION}. Upgrade the connector.`,
      { reason: "ADAPTER_NOT_FOUND", outcome: "NOT_DONE" },
    );
  }

  const own = plugin.methods.find((one) => one.method.name === method.name);
  if (!own) throw notFound("Adapter", `${name}@${version} ${method.name}`);
  return {
    authorize: plugin.authorize,
    ...(plugin.covers && { covers: plugin.covers }),
    refusal: plugin.refusal,
    transformRequest: own.request,
    transformResponse: own.data,
  };
}
