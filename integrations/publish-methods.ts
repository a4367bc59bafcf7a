/** What plugins bring, on the entries of the manifest that they hang on (decision 1). */
import { majorOf } from "../core/version-order.ts";
import type { Connector, Manifest } from "../schemas/connector.ts";
import { DomainError } from "../schemas/errors.ts";
import { INTERFACE_VERSION, type IntegrationPlugin } from "./plugin.ts";

/**
 * The manifest with the methods of every plugin. Throws `CONFIG_INVALID`, naming the plugin and the
 * reason, where one fits no entry or was made for another interface (decision 10).
 */
export function withMethods(manifest: Manifest, plugins: readonly IntegrationPlugin[]): Manifest {
  for (const plugin of plugins) checkPlugin(plugin, manifest.connectors);

  const connectors = manifest.connectors.map((connector) => {
    const plugin = plugins.find((one) => hangsOn(one, connector));
    return plugin
      ? { ...connector, methods: plugin.methods.map(({ method }) => method) }
      : connector;
  });
  return { ...manifest, connectors };
}

function checkPlugin(plugin: IntegrationPlugin, connectors: readonly Connector[]): void {
  const reason = refusedBecause(plugin, connectors);
  if (reason === undefined) return;
  throw new DomainError(
    "CONFIG_INVALID",
    `The plugin ${plugin.name} ${plugin.version} is refused: ${reason}`,
  );
}

function refusedBecause(
  plugin: IntegrationPlugin,
  connectors: readonly Connector[],
): string | undefined {
  if (majorOf(plugin.interfaceVersion) !== majorOf(INTERFACE_VERSION)) {
    return (
      `it was made for version ${plugin.interfaceVersion} of the interface, and this is ` +
      `${INTERFACE_VERSION}. Bring it up to the interface in integrations/plugin.ts.`
    );
  }
  if (connectors.some((connector) => hangsOn(plugin, connector))) return undefined;

  const versions = connectors
    .filter(({ name }) => name === plugin.name)
    .map(({ version }) => version);
  const shown = versions.length > 0 ? `only ${versions.join(", ")}` : "none";
  return (
    `it needs a connector of its name and major, and the worker's manifest has ${shown}. ` +
    "Register the connector in the Python worker, or give the plugin its major."
  );
}

function hangsOn(plugin: IntegrationPlugin, { name, version }: Connector): boolean {
  return plugin.name === name && majorOf(plugin.version) === majorOf(version);
}
