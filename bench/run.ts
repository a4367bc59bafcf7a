/** `npm run bench`: figures of the data plane and of the control plane, in one run on one machine. Quote the ratios. */
import { benchLambdas, benchOverhead } from "./control-plane.ts";
import { benchDataPlane } from "./data-plane.ts";

const loads = await benchDataPlane();
console.log("data plane: issues of about 8 kB");
console.table(Object.fromEntries(loads.map(({ load, ...figures }) => [load, figures])));
const [byHand, full] = loads;
if (byHand && full) {
  console.log(
    `full load against the hand-written loop: ${(full.rowsPerSecond / byHand.rowsPerSecond).toFixed(2)} of its rows a second\n`,
  );
}

console.log("control plane: Lambdas as deployed");
console.table(Object.fromEntries(benchLambdas().map(({ name, ...figures }) => [name, figures])));
const { p50, p99 } = benchOverhead();
console.log(`overhead of the middleware chain: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
