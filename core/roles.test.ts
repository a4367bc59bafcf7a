import { describe, expect, it } from "vitest";
import type { Role } from "../schemas/tenant.ts";
import { mayAct } from "./roles.ts";

describe("mayAct", () => {
  it.each<[Role[], Role, boolean]>([
    [["viewer"], "viewer", true],
    [["viewer"], "operator", false],
    [["viewer", "operator"], "operator", true],
    [["admin"], "viewer", true],
    [["platform"], "viewer", false],
    [["admin"], "platform", false],
    [["platform"], "platform", true],
    [[], "viewer", false],
  ])("%j for %s: %s", (roles, needed, expected) => {
    expect(mayAct(roles, needed)).toBe(expected);
  });
});
