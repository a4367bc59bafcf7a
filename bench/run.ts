/**
 * `npm run bench`: figures of the data plane and of the control plane, in one run on one machine.
 * Quote the ratios. With `--peers`, of Inlet and its peers instead; with `--vendor-calls`, of calls
 * to vendors.
 */
import { parseArgs } from "node:util";
import { benchLambdas, benchOverhead } from "./control-plane.ts";
import { benchDataPlane } from "./data-plane.ts";
import { benchOnStack } from "./on-stack.ts";
import { benchPeers } from "./peers.ts";
import { benchTransforms } from "./transforms.ts";
import { benchVendorCalls } from "./vendor-calls.ts";

const { values } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    transforms: { type: "boolean", default: false },
    "vendor-calls": { type: "boolean", default: false },
    issues: { type: "string", default: "50000" },
    times: { type: "string", default: "3" },
    minutes: { type: "string", default: "10" },
    only: { type: "string", default: "" },
  },
});
const [issues, times, minutes] = [values.issues, values.times, values.minutes].map(Number);
if (values.transforms) await showTransforms();
else if (values["vendor-calls"]) await benchVendorCalls();
else if (values.peers)
  await benchPeers({
    issues: Number(issues),
    times: Number(times),
    minutes: Number(minutes),
    only: values.only,
  });
else await benchInlet();

async function showTransforms(): Promise<void> {
  console.log("expressions of tenants, each in a world of its own inside a warm child process");
  console.table(await benchTransforms());
}

async function benchInlet(): Promise<void> {
  const loads = await benchDataPlane();
  console.log(
    "data plane: issues of about 8 kB from the sandbox, one process of its own for each load",
  );
  console.log(
    "  hand-written: urllib, json, all rows in memory, one Parquet file; no types, retries, " +
      "cursor or proof",
  );
  console.log(
    "  inlet: run_ingestion_unit as a run of the worker, staging and an Iceberg table in " +
      "local folders",
  );
  console.table(Object.fromEntries(loads.map(({ load, ...figures }) => [load, figures])));
  const [byHand, full] = loads;
  if (byHand && full) {
    const speed = (full.rowsPerSecond / byHand.rowsPerSecond).toFixed(2);
    const memory = (full.peakRssMb / byHand.peakRssMb).toFixed(2);
    console.log(
      `full load against the hand-written loop: ${speed} of its rows a second, ${memory} of ` +
        "its peak memory\n",
    );
  }

  console.log("control plane: Lambdas as deployed");
  console.table(Object.fromEntries(benchLambdas().map(({ name, ...figures }) => [name, figures])));
  const { p50, p99 } = benchOverhead();
  console.log(
    `overhead of the middleware chain: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  );

  const { units, wholeCall, handler } = await benchOnStack();
  console.log(
    `${units} units of one tenant with config and status, on a local stack of its own; aim: 300 ms`,
  );
  console.table({ "whole call": wholeCall, handler });
}
