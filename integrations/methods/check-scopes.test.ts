import { describe, expect, test } from "vitest";
import type { Method } from "../../schemas/method.ts";
import { PLUGINS } from "../registry.ts";
import { checkScopes } from "./check-scopes.ts";

const credential = (scopes: string[] | null) => ({
  authType: "oauth2",
  secret: {},
  version: "1",
  expiresAt: null,
  scopes,
});
const pluginOf = (name: string) => {
  const found = PLUGINS.find((plugin) => plugin.name === name);
  if (found) return found;
  throw new Error(`No plugin ${name}.`);
};
const needing = (...scopes: string[]) => ({ name: "aMethod", scopes }) as unknown as Method;

describe("scopes", () => {
  test.each(PLUGINS.flatMap((plugin) => (plugin.oauth2 ? [[plugin.name, plugin] as const] : [])))(
    "that %s is authorized with cover every method",
    (_, plugin) => {
      const { scope = "" } = plugin.oauth2?.({ dataCenter: "eu" }) ?? {};
      const granted = credential(scope.split(/[\s,]+/));
      for (const { method } of plugin.methods)
        expect(() => checkScopes(method, granted, plugin)).not.toThrow();
    },
  );

  test.each([
    ["github", "issues:write", "issues:read", true],
    ["github", "issues:read", "issues:write", false],
    ["github", "issues:write", "contents:read", false],
    ["github", "public_repo", "contents:write", true],
    ["github", "public_repo", "actions:write", false],
    ["github", "read:user", "issues:read", false],
    ["zoho_people", "ZohoPeople.leave.ALL", "ZOHOPEOPLE.leave.READ", true],
    ["zoho_people", "ZOHOPEOPLE.leave.ALL", "ZOHOPEOPLE.forms.READ", false],
    ["zoho_people", "ZOHOPEOPLE.forms.READ", "ZOHOPEOPLE.forms.UPDATE", false],
    ["jira", "read:issue:jira", "read:jira-work", true],
    ["jira", "read:issue:jira", "write:jira-work", false],
    ["jira", "read:jira-work", "write:jira-work", false],
    ["cloudwatch", "logs:FilterLogEvents", "cloudwatch:PutMetricData", false],
  ])("of %s: %s covers %s: %s", (name, granted, needed, covered) => {
    const check = () => checkScopes(needing(needed), credential([granted]), pluginOf(name));
    if (covered) expect(check).not.toThrow();
    else expect(check).toThrow(`lacks what aMethod needs: ${needed}`);
  });

  test("that nobody knows are tried", () => {
    const check = () => checkScopes(needing("x"), credential(null), pluginOf("jira"));
    expect(check).not.toThrow();
  });
});
