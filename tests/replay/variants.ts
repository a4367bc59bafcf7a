/** The same job under each of the conditions that a real site brings. */
export interface Variant {
  readonly name: string;
  readonly flags: readonly string[];
  /** Seconds until search sees a change. */
  readonly lagSeconds: number;
  /** The endpoint's own `rateLimit`. One that the site allows is never refused. */
  readonly rateLimit?: Readonly<Record<string, number>>;
}

export const VARIANTS: readonly Variant[] = [
  { name: "plain", flags: [], lagSeconds: 0 },
  { name: "fail", flags: ["--fail", "0.03"], lagSeconds: 0 },
  { name: "rate", flags: ["--rate", "20"], lagSeconds: 0 },
  {
    name: "budget",
    flags: ["--rate", "20"],
    lagSeconds: 0,
    rateLimit: { requestsPerSecond: 15, burst: 5 },
  },
  { name: "lag", flags: ["--consistency-lag", "20"], lagSeconds: 20 },
  { name: "kolkata", flags: ["--account-timezone", "Asia/Kolkata"], lagSeconds: 0 },
];
