import { describe, expect, it } from "vitest";
import { Manifest } from "../schemas/connector.ts";
import manifest from "../schemas/json/manifest.json" with { type: "json" };
import { sinkTraits } from "./sink-traits.ts";

const sinks = Manifest.parse(manifest).connectors.filter(({ kind }) => kind === "sink");

describe("the traits of a sink", () => {
  it.each(sinks)("are those that $name says", (type) => {
    expect(sinkTraits(type)).toBe(type.sink);
  });

  // Sinks of today's names are published with their traits.
  const early = ["warehouse.iceberg", "files.parquet"];
  const known = sinks.filter(({ name }) => early.includes(name));
  it.each(known)("of $name were the same before the registry knew them", (type) => {
    const said = sinkTraits(type);
    const { sweepsAfterDays: _, ...guessed } = sinkTraits({ modes: type.modes });
    expect(said).toMatchObject(guessed);
  });

  it("name one default", () => {
    expect(sinks.filter((type) => sinkTraits(type).isDefault)).toHaveLength(1);
  });
});
