/** Plugins by connector and version. A new one is a folder beside `jira/`, and its line here. */
import type { IntegrationPlugin } from "./plugin.ts";

const PLUGINS: readonly IntegrationPlugin[] = [];

/** The plugin of a connector's version: majors ship side by side (decision 10). */
export function findPlugin(connector: string, version: string): IntegrationPlugin | undefined {
  const major = (text: string) => text.split(".")[0];
  return PLUGINS.find(
    (plugin) => plugin.name === connector && major(plugin.version) === major(version),
  );
}
