import { describe, expect, test } from "vitest";
import type { Connector } from "../schemas/connector.ts";
import { INTERFACE_VERSION, type IntegrationPlugin } from "./plugin.ts";
import { withMethods } from "./publish-methods.ts";
import { PLUGINS } from "./registry.ts";

const jira = { name: "jira", version: "1.4.2" } as Connector;
const other = { name: "shop", version: "2.0.0" } as Connector;
const manifest = { workerVersion: "1.0.0", connectors: [jira, other] };

const aPlugin = (changes: Partial<IntegrationPlugin>) => ({
  ...(PLUGINS.find(({ name }) => name === "jira") as IntegrationPlugin),
  ...changes,
});

describe("what plugins add to the manifest", () => {
  test("hangs on the entry of the same name and major; the others stay", () => {
    const [merged, untouched] = withMethods(manifest, [aPlugin({})]).connectors;

    expect(merged?.methods?.map(({ name }) => name)).toContain("searchIssues");
    expect(untouched).toEqual(other);
  });

  test.each([
    ["another interface", { interfaceVersion: "2.0.0" }, `this is ${INTERFACE_VERSION}`],
    ["another major of its connector", { version: "2.0.0" }, "only 1.4.2"],
    ["a connector that nobody registered", { name: "nosuch" }, "has none"],
  ])("a plugin for %s is refused by name with the reason", (_, changes, reason) => {
    const merge = () => withMethods(manifest, [aPlugin(changes)]);

    expect(merge).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(merge).toThrow(`The plugin ${aPlugin(changes).name} ${aPlugin(changes).version} is`);
    expect(merge).toThrow(reason);
  });
});
