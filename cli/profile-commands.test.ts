import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../schemas/errors.ts";
import { apiUrl, asked, home, inlet, problem, replies, TOKEN } from "./command-under-test.ts";

describe("profiles", () => {
  const profile = { env: { INLET_API_URL: "", INLET_TOKEN: "" } };

  it("are added, used, listed without token, removed", async () => {
    replies["GET /v1/sinks"] = [{ status: 200, body: { items: [], nextCursor: null } }];
    const add = ["profile", "add", "dev", "--api-url", apiUrl, "--token", "@-"];
    expect((await inlet(add, { ...profile, input: `${TOKEN}\n` })).code).toBe(0);
    const file = join(home, "inlet/config.json");
    expect([statSync(file).mode & 0o777, readFileSync(file, "utf8").includes(TOKEN)]).toEqual([
      0o600,
      true,
    ]);
    expect((await inlet(["sinks", "list"], profile)).code).toBe(0);
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    const listed = await inlet(["profile", "list"], profile);
    expect(listed.out).toMatch(/^\* +dev +http/m);
    expect(listed.out).not.toContain(TOKEN);
    expect((await inlet(["profile", "remove", "dev"], profile)).code).toBe(0);
    expect(readFileSync(file, "utf8")).not.toContain(TOKEN);
  });

  it("are named as the cause when token, role or deployment is the wrong one", async () => {
    const claims = { email: "ada@example.com", "cognito:groups": ["viewer"], exp: 1_700_000_000 };
    const token = `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
    const added = await inlet(["profile", "add", "dev", "--api-url", apiUrl, "--token", "@-"], {
      ...profile,
      input: token,
    });
    expect(added.out).toContain("It is in use from now on; `inlet profile use local` goes back");
    const said = async (code: ErrorCode) => {
      replies["GET /v1/sinks"] = [problem(code, "It is so.")];
      return (await inlet(["sinks", "list"], profile)).err;
    };
    expect(await said("UNAUTHENTICATED")).toContain(
      "The token came from the profile dev. It expired at 2023-11-14 22:13:20Z. " +
        "Give it a new one: inlet profile add dev ",
    );
    expect(await said("FORBIDDEN")).toContain(
      "You asked as ada@example.com of the profile dev, with the role viewer.",
    );
    expect(await said("NOT_FOUND")).toContain(`You asked the profile dev, ${apiUrl}.`);
    for (const code of ["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"] as const)
      expect(await said(code)).not.toContain(token);
    await inlet(["profile", "remove", "dev"], profile);
  });

  it("take no token among the arguments, and do not repeat it", async () => {
    const { code, err } = await inlet(
      ["profile", "add", "dev", "--api-url", apiUrl, "--token", TOKEN],
      profile,
    );
    expect([code, err.includes(TOKEN)]).toEqual([2, false]);
  });
});
