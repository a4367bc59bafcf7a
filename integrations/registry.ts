/** Plugins by connector and version. A new one is a folder beside `jira/`, and its line here. */
import type { RegisteredMethod } from "../adapters/dynamodb/registry/methods.ts";
import { majorOf } from "../core/version-order.ts";
import type { Connector } from "../schemas/connector.ts";
import { cloudwatch } from "./cloudwatch/plugin.ts";
import { github } from "./github/plugin.ts";
import { httpPlugin } from "./http/plugin.ts";
import { jira } from "./jira/plugin.ts";
import type { IntegrationPlugin } from "./plugin.ts";
import { zohoPeople } from "./zoho_people/plugin.ts";

export const PLUGINS: readonly IntegrationPlugin[] = [jira, github, zohoPeople, cloudwatch];

/** The plugin of a connector's version: majors ship side by side (decision 10). */
export function findPlugin(connector: string, version: string): IntegrationPlugin | undefined {
  return PLUGINS.find(
    (plugin) => plugin.name === connector && majorOf(plugin.version) === majorOf(version),
  );
}

/**
 * What calls the methods of a connector: its own plugin, or the interpreter of what was declared of
 * it (`Connector.http`), which brings those of `methods`. Undefined where it has neither. The entry
 * decides, not the name: a tenant's own connector never runs the code of one that is called alike.
 */
export function pluginOf(
  connector: Connector,
  methods: readonly RegisteredMethod[] = [],
): IntegrationPlugin | undefined {
  return connector.http
    ? httpPlugin(connector, connector.http, methods)
    : findPlugin(connector.name, connector.version);
}
