/** The same job under each of the conditions that a real site brings. */
export interface Variant {
  readonly name: string;
  readonly flags: readonly string[];
  /** Seconds until search sees a change. */
  readonly lagSeconds: number;
}

export const VARIANTS: readonly Variant[] = [
  { name: "plain", flags: [], lagSeconds: 0 },
  { name: "fail", flags: ["--fail", "0.03"], lagSeconds: 0 },
  { name: "rate", flags: ["--rate", "20"], lagSeconds: 0 },
  { name: "lag", flags: ["--consistency-lag", "20"], lagSeconds: 20 },
  { name: "kolkata", flags: ["--account-timezone", "Asia/Kolkata"], lagSeconds: 0 },
];
