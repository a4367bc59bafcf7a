/** Plugins by connector and version. A new one is a folder beside `jira/`, and its line here. */
import { majorOf } from "../core/version-order.ts";
import { cloudwatch } from "./cloudwatch/plugin.ts";
import { github } from "./github/plugin.ts";
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
