/**
 * A Fargate task and how many of them. `cpu` in 1/1024 of a processor; `maxTasks` undefined: never
 * more than `tasks`.
 */
export interface TaskSize {
  readonly cpu: number;
  readonly memoryMib: number;
  readonly tasks: number;
  readonly maxTasks?: number;
}

/** From how many in five minutes on somebody is called. */
export interface Alarms {
  /** Runs with this outcome: more than so many. */
  readonly runs: Readonly<Record<"FAILED" | "SUSPICIOUS", number>>;
  /** How long the unit that is most overdue may have been so. */
  readonly overdueMinutes: number;
}

/**
 * `accountLimit`: the account's quota of concurrent executions in the region, 1,000 unless it was
 * raised.
 */
export interface ReservedConcurrency {
  readonly accountLimit: number;
  readonly functions: Readonly<Record<string, number>>;
}

/**
 * A private network with sinks of one tenant, which somebody has connected with ours (peering, a
 * transit gateway).
 */
export interface SinkNetwork {
  readonly tenantId: string;
  /** At most 256 addresses, like `10.20.30.0/24`. */
  readonly cidr: string;
  readonly ports: readonly number[];
}

/** Where the Spark jobs of one tenant run, and as whom: a role that reaches its rows alone. */
export interface SparkJobs {
  readonly applicationId: string;
  readonly executionRoleArn: string;
}

export type SparkPlace =
  | { readonly kind: "connect"; readonly remote: string }
  | {
      readonly kind: "emr-serverless";
      /** By id. Those that are not named have no Spark. */
      readonly tenants: Readonly<Record<string, SparkJobs>>;
      /** Where the job's code lies: `s3://…/job.py`. */
      readonly entryPoint: string;
      /** Rows pass through it, below `<prefix>/<tenantId>/`. */
      readonly bucket: string;
      readonly prefix: string;
    };

/** `OperationsSettings` of schemas/operations-settings.ts. */
export interface Operations {
  readonly logLevel: "DEBUG" | "INFO" | "WARN" | "ERROR";
  readonly logDestinations: readonly ("log" | "events")[];
  readonly attemptSeconds: number;
  readonly totalSeconds: number;
  readonly asyncSeconds: number;
  readonly attempts: number;
  readonly firstRetrySeconds: number;
  readonly longestRetrySeconds: number;
  readonly breakerFailures: number;
  readonly breakerOpenSeconds: number;
  readonly cacheSeconds: number;
}

/** Every environment as data: what differs between them, and nothing else. */
export interface Environment {
  readonly name: "local" | "dev" | "staging" | "prod";
  readonly region: string;
  /** Undefined takes the account of whoever deploys. */
  readonly account?: string;
  /**
   * Tables and lake survive the deletion of their stacks, tables are protected and have
   * point-in-time recovery.
   */
  readonly keepsData: boolean;
  /**
   * Undefined: no way out to the internet (the emulator has no NAT gateway; local workers are
   * processes).
   */
  readonly natGateways?: number;
  /** Of the workers' network. */
  readonly workerNetwork: string;
  /** Where Temporal listens, if not on 443; Temporal Cloud's port is 7233. */
  readonly temporalPort?: number;
  /** All other private addresses are out of the workers' reach (docs/adr/0018). */
  readonly sinkNetworks?: readonly SinkNetwork[];
  /**
   * Where the execution tool Spark is (docs/transforms.md). Undefined: no unit's transform may name
   * it.
   */
  readonly spark?: SparkPlace;
  readonly logDays: 7 | 30 | 90;
  /**
   * How long the copy of an audit entry is locked. `GOVERNANCE` yields to whoever has
   * `s3:BypassGovernanceRetention`; `COMPLIANCE` to nobody, the account's owner included, until the
   * days are over.
   */
  readonly auditLock: { readonly mode: "GOVERNANCE" | "COMPLIANCE"; readonly days: number };
  readonly alarms: Alarms;
  /**
   * A unit is late when its last good run is older than so many of its intervals, and so many
   * minutes more.
   */
  readonly freshness: { readonly intervals: number; readonly marginMinutes: number };
  readonly minimumIntervalMinutes: number;
  /** Whether endpoints may live in private address ranges: the local sandbox does. */
  readonly allowPrivateNetworks: boolean;
  /** Of a domain of your own in front of the API. Undefined: the gateway's address. */
  readonly apiUrl?: string;
  /**
   * Pages of yours to which vendors may send browsers in an authorization by OAuth 2.0, besides the
   * API's own `/oauth/callback`. They match exactly.
   */
  readonly oauthRedirectUris?: readonly string[];
  readonly throttle: { readonly ratePerSecond: number; readonly burst: number };
  /** Of tenants that nobody registered, and of registered ones what they do not say. */
  readonly defaultQuotas: Readonly<
    Record<
      | "endpoints"
      | "sinks"
      | "units"
      | "connectors"
      | "runningUnits"
      | "runningProbes"
      | "requestsPerMinute",
      number
    >
  >;
  /**
   * Of everything that calls a vendor with one credential, where neither connector nor endpoint
   * says otherwise.
   */
  readonly rateLimit: Readonly<
    Record<"requestsPerSecond" | "burst" | "reservedShare" | "maxPerRecordCalls", number>
  >;
  /**
   * How methods of vendors are called, where nobody says otherwise (docs/integrations/methods.md).
   */
  readonly operations: Operations;
  /**
   * What each function (by its name, `endpoints`, `authorizer`) may have of the account's
   * concurrent executions, and has to itself. Undefined: all share them, which is right until one
   * area takes so many that others are throttled.
   */
  readonly reservedConcurrency?: ReservedConcurrency;
  readonly typescriptWorker: TaskSize;
  /**
   * How many at a time in one task: runs, and tests, previews and collections beside them
   * (`probes`). A tenant's `runningProbes` stays below `probes`, so that no tenant can take all of
   * a task's.
   */
  readonly pythonWorker: TaskSize & { readonly runs: number; readonly probes: number };
}

/**
 * Ten thousand calls of one record each are half an hour at a vendor's usual 200 ms
 * (docs/adr/0010).
 */
const RATE_LIMIT = {
  requestsPerSecond: 10,
  burst: 20,
  reservedShare: 0.2,
  maxPerRecordCalls: 10_000,
} as const;

/** Two attempts of a vendor that hangs leave time for a third one that is answered at once. */
const OPERATIONS: Operations = {
  logLevel: "INFO",
  logDestinations: ["log"],
  attemptSeconds: 10,
  totalSeconds: 25,
  asyncSeconds: 600,
  attempts: 3,
  firstRetrySeconds: 0.5,
  longestRetrySeconds: 8,
  breakerFailures: 5,
  breakerOpenSeconds: 30,
  cacheSeconds: 0,
};

/** Each failed run calls somebody: a failure that nobody hears of is one that nobody mends. */
const ALARMS: Alarms = { runs: { FAILED: 0, SUSPICIOUS: 0 }, overdueMinutes: 60 };
/** One tick may be missed, and a run may take its time. */
const FRESHNESS = { intervals: 2, marginMinutes: 15 } as const;

const aws = {
  region: "eu-central-1",
  workerNetwork: "10.0.0.0/16",
  temporalPort: 7233,
  alarms: ALARMS,
  freshness: FRESHNESS,
  minimumIntervalMinutes: 5,
  allowPrivateNetworks: false,
  rateLimit: RATE_LIMIT,
  operations: OPERATIONS,
} as const;

export const ENVIRONMENTS: readonly Environment[] = [
  {
    name: "local",
    region: "us-east-1",
    account: "000000000000",
    keepsData: false,
    workerNetwork: "10.0.0.0/16",
    logDays: 7,
    auditLock: { mode: "GOVERNANCE", days: 1 },
    alarms: ALARMS,
    freshness: { intervals: 2, marginMinutes: 1 },
    minimumIntervalMinutes: 1,
    allowPrivateNetworks: true,
    throttle: { ratePerSecond: 10_000, burst: 5_000 },
    rateLimit: RATE_LIMIT,
    operations: OPERATIONS,
    defaultQuotas: {
      endpoints: 1_000,
      sinks: 200,
      units: 10_000,
      connectors: 200,
      runningUnits: 100,
      runningProbes: 6,
      requestsPerMinute: 60_000,
    },
    typescriptWorker: { cpu: 256, memoryMib: 2048, tasks: 1 },
    pythonWorker: { cpu: 1024, memoryMib: 8192, tasks: 1, runs: 3, probes: 8 },
  },
  {
    ...aws,
    name: "dev",
    keepsData: false,
    natGateways: 1,
    logDays: 7,
    auditLock: { mode: "GOVERNANCE", days: 1 },
    throttle: { ratePerSecond: 50, burst: 100 },
    defaultQuotas: {
      endpoints: 50,
      sinks: 20,
      units: 500,
      connectors: 20,
      runningUnits: 20,
      runningProbes: 3,
      requestsPerMinute: 1_200,
    },
    typescriptWorker: { cpu: 256, memoryMib: 2048, tasks: 1, maxTasks: 3 },
    pythonWorker: { cpu: 1024, memoryMib: 8192, tasks: 1, maxTasks: 3, runs: 4, probes: 4 },
  },
  {
    ...aws,
    name: "staging",
    keepsData: true,
    natGateways: 1,
    logDays: 30,
    auditLock: { mode: "GOVERNANCE", days: 30 },
    throttle: { ratePerSecond: 200, burst: 400 },
    defaultQuotas: {
      endpoints: 100,
      sinks: 20,
      units: 2_000,
      connectors: 20,
      runningUnits: 50,
      runningProbes: 3,
      requestsPerMinute: 6_000,
    },
    typescriptWorker: { cpu: 256, memoryMib: 2048, tasks: 2, maxTasks: 6 },
    pythonWorker: { cpu: 1024, memoryMib: 8192, tasks: 2, maxTasks: 6, runs: 4, probes: 4 },
  },
  {
    ...aws,
    name: "prod",
    keepsData: true,
    natGateways: 2,
    logDays: 90,
    auditLock: { mode: "COMPLIANCE", days: 400 },
    throttle: { ratePerSecond: 500, burst: 1_000 },
    defaultQuotas: {
      endpoints: 200,
      sinks: 50,
      units: 5_000,
      connectors: 50,
      runningUnits: 100,
      runningProbes: 3,
      requestsPerMinute: 6_000,
    },
    typescriptWorker: { cpu: 512, memoryMib: 2048, tasks: 2, maxTasks: 20 },
    pythonWorker: { cpu: 2048, memoryMib: 8192, tasks: 2, maxTasks: 20, runs: 4, probes: 4 },
  },
];

/** Throws for an unknown name, and lists the known ones. */
export function environmentOf(name: string): Environment {
  const found = ENVIRONMENTS.find((environment) => environment.name === name);
  if (found) return found;
  throw new Error(
    `There is no environment ${name}. Give -c env=${ENVIRONMENTS.map((e) => e.name).join("|")}.`,
  );
}
