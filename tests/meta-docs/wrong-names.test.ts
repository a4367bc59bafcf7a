import { expect, it } from "vitest";
import { wrongNames } from "./wrong-names.ts";

it.each([
  ["a capability without a sink", "Land it: `sink.tape`.", "sink.tape is unknown"],
  ["an operation that is not there", "Ask `GET /kb/edges`.", "GET /kb/edges is unknown"],
  ["the method of another operation", "Ask `DELETE /runs`.", "DELETE /runs is unknown"],
  [
    "a file that is gone",
    "See `worker/workflows/driver.ts`.",
    "worker/workflows/driver.ts is unknown",
  ],
  ["a token of no form", "Say `sink: kb`.", "sink: kb is unknown"],
  ["a built thing called unbuilt", "## Not built\n\n- `jira`: no.", "jira was never promised"],
  [
    "an invented thing called unbuilt",
    "## Not built\n\n- `sink.tape`: no.",
    "sink.tape was never promised",
  ],
])("finds %s", (_, content, finding) => {
  expect(wrongNames(content)).toEqual([finding]);
});
