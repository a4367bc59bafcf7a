import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Slug } from "../schemas/scalars.ts";
import { slugOf } from "./slug.ts";

describe("slugOf", () => {
  it.each([
    ["jira", "jira"],
    ["Jira Prod (EU)", "jira_prod_eu"],
    ["Größe", "gro_e"],
    ["2nd site", "e_2nd_site"],
    ["日本", "e"],
  ])("makes %s into %s", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it("always gives a slug, and its own slug again", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (name) => {
        expect(Slug.safeParse(slugOf(name)).success).toBe(true);
        expect(slugOf(slugOf(name))).toBe(slugOf(name));
      }),
    );
  });
});
