import { describe, expect, it } from "vitest";
import {
  absent,
  all,
  any,
  type Condition,
  exists,
  hasFewerThan,
  isBelow,
  isBetween,
  isOneOf,
  matches,
  startsWith,
} from "./condition.ts";
import { Terms } from "./expression.ts";

function rendered(condition: Condition) {
  const terms = new Terms();
  const text = condition(terms);
  return [text, terms.attributes] as const;
}

describe("a condition", () => {
  it.each<[Condition, string]>([
    [exists(), "attribute_exists(#pk)"],
    [absent("goneAt"), "attribute_not_exists(#goneAt)"],
    [matches({ epoch: 1, "lease.state": "HELD" }), "#epoch = :0 AND #lease.#state = :1"],
    [isOneOf("status", ["QUEUED", "RUNNING"]), "#status IN (:0, :1)"],
    [isBetween("at", "a", "b"), "#at BETWEEN :0 AND :1"],
    [startsWith("subject", "run/"), "begins_with(#subject, :0)"],
    [hasFewerThan("units", 3), "size(#units) < :0"],
    [any(absent(), isBelow("ttl", 5)), "(attribute_not_exists(#pk)) OR (#ttl < :0)"],
    [
      all(exists(), any(absent("a"), matches({ a: null }))),
      "(attribute_exists(#pk)) AND ((attribute_not_exists(#a)) OR (#a = :0))",
    ],
  ])("is written as DynamoDB reads it: %#", (condition, text) => {
    expect(rendered(condition)[0]).toBe(text);
  });

  it("has no parentheses around one alone, which DynamoDB refuses as redundant", () => {
    expect(rendered(all(any(exists())))[0]).toBe("attribute_exists(#pk)");
  });

  it("names attributes apart from the words that DynamoDB reserves, and keeps values apart", () => {
    const [, attributes] = rendered(all(matches({ status: "A" }), matches({ status: "B" })));
    expect(attributes).toEqual({
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":0": "A", ":1": "B" },
    });
  });

  it("brings no empty values, which DynamoDB refuses", () => {
    expect(rendered(absent())[1]).toEqual({ ExpressionAttributeNames: { "#pk": "pk" } });
  });
});
