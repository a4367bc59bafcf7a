import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../schemas/examples/sink-places/vectors.json" with { type: "json" };
import { placeFault } from "./sink-places.ts";

const buckets = vectors.ours;

describe("placeFault", () => {
  it.each(vectors.places)("judges $place as the data plane does", ({ place, local, fault }) => {
    expect(placeFault(place, { local, buckets })).toBe(fault ?? undefined);
  });

  it("refuses our bucket in every spelling", () => {
    const noise = fc.string({
      maxLength: 3,
      unit: fc.constantFrom(..."/:@?#%.\\ \t\n[]*2fF0-aZ".split("")),
    });
    const spelling = fc.mixedCase(fc.constantFrom(...buckets));
    const scheme = fc.mixedCase(fc.constantFrom("s3", "s3a", "s3n", "https", "file"));
    const places = fc.tuple(
      scheme,
      fc.constantFrom(":", ":/", "://", ":///"),
      noise,
      spelling,
      noise,
      fc.webPath(),
    );
    fc.assert(
      fc.property(places, (parts) => {
        const place = parts.join("");
        const accepted = placeFault(place, { local: false, buckets }) === undefined;
        // What is accepted names exactly one bucket, whoever reads it, and it is not ours.
        const named = /^s3:\/\/([a-z0-9.-]+)(?:\/|$)/.exec(place)?.[1];
        expect(!accepted || (named !== undefined && !buckets.includes(named))).toBe(true);
      }),
    );
  });
});
