import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addProfile,
  type Profiles,
  profilesFile,
  readProfiles,
  removeProfile,
  useProfile,
  writeProfiles,
} from "./profiles.ts";
import { targetOf } from "./target.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "inlet-cli-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const none: Profiles = { current: null, profiles: {} };
const two = addProfile(
  addProfile(none, "dev", "https://dev.example", "t-dev"),
  "prod",
  "https://prod.example/",
  "t-prod",
);

describe("profiles", () => {
  it("the first is in use at once, the second when it is chosen", () => {
    expect(two.current).toBe("dev");
    expect(useProfile(two, "prod").current).toBe("prod");
    expect(useProfile(two, "local").current).toBeNull();
  });

  it("a removed one is forgotten, and in use no more", () => {
    expect(removeProfile(two, "dev")).toEqual({
      current: null,
      profiles: { prod: expect.anything() },
    });
  });

  it.each(["nope", "__proto__", "constructor"])("%s is unknown", (name) => {
    expect(() => useProfile(two, name)).toThrow(`There is no profile ${name}.`);
  });

  it.each([
    ["ftp://host", "is no URL"],
    ["host", "is no URL"],
    ["http://host", "in the clear"],
    ["https://user:pw@host", "holds a password"],
  ])("the URL %s is refused: it %s", (url, reason) => {
    expect(() => addProfile(none, "x", url, null)).toThrow(reason);
  });

  it("are stored for their owner only, and read back", () => {
    const file = profilesFile({ XDG_CONFIG_HOME: home });
    writeProfiles(file, two);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readProfiles(file)).toEqual(two);
  });

  it("a file that is not ours is not overwritten", () => {
    const file = profilesFile({ XDG_CONFIG_HOME: home });
    mkdirSync(join(home, "inlet"));
    writeFileSync(file, '{"mine":true}');
    expect(() => readProfiles(file)).toThrow("cannot be read");
  });
});

describe("the deployment that a command talks to", () => {
  const given = (env: NodeJS.ProcessEnv, asked?: string, cwd = home) => {
    const { apiUrl, token } = targetOf({ env: { XDG_CONFIG_HOME: home, ...env }, cwd }, asked);
    return [apiUrl, token];
  };
  const store = () => writeProfiles(profilesFile({ XDG_CONFIG_HOME: home }), two);
  const checkout = () => {
    mkdirSync(join(home, ".local"));
    mkdirSync(join(home, "docs/adr"), { recursive: true });
    writeFileSync(
      join(home, ".local/stack.json"),
      '{"apiUrl":"http://127.0.0.1:1/x","token":"t-local","pids":{}}',
    );
  };

  it("is the profile in use, then the one that is asked for", () => {
    store();
    expect(given({})).toEqual(["https://dev.example", "t-dev"]);
    expect(given({}, "prod")).toEqual(["https://prod.example", "t-prod"]);
  });

  it("is the local stack inside the checkout, and for a profile of another when asked", () => {
    checkout();
    expect(given({}, undefined, join(home, "docs/adr"))).toEqual([
      "http://127.0.0.1:1/x",
      "t-local",
    ]);
    store();
    expect(given({})).toEqual(["https://dev.example", "t-dev"]);
    expect(given({}, "local")).toEqual(["http://127.0.0.1:1/x", "t-local"]);
  });

  it("is another by the environment, but not when one is named", () => {
    store();
    expect(given({ INLET_API_URL: "https://ci.example", INLET_TOKEN: "t-ci" })).toEqual([
      "https://ci.example",
      "t-ci",
    ]);
    expect(given({ INLET_TOKEN: "t-ci" })).toEqual(["https://dev.example", "t-ci"]);
    expect(given({ INLET_API_URL: "https://ci.example", INLET_TOKEN: "t-ci" }, "prod")).toEqual([
      "https://prod.example",
      "t-prod",
    ]);
  });

  it("never gets the token of another", () => {
    store();
    expect(given({ INLET_API_URL: "https://ci.example" })).toEqual(["https://ci.example", null]);
  });

  it("must be chosen outside of a checkout", () => {
    expect(() => given({})).toThrow("No deployment is chosen.");
  });
});
