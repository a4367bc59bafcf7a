/**
 * What became of the rows that a run read: figures that add up to `read`, by the names that a
 * person is shown.
 */
type Figures = Readonly<Record<string, unknown>>;

/**
 * `read` first, then its parts. What was deduplicated for another reason than being unchanged, and
 * what a transform left out, is named where there is any.
 */
export function rowFigures(stats: Figures | null | undefined): [name: string, rows: number][] {
  const of = (name: string) => Number(stats?.[name] ?? 0);
  const otherwise = of("deduplicated") - of("unchanged");
  const filtered = of("filtered");
  return [
    ["read", of("read")],
    ["landed", of("landed")],
    ["unchanged", of("unchanged")],
    ...(otherwise > 0 ? [["otherwise deduplicated", otherwise] as [string, number]] : []),
    ["quarantined", of("quarantined")],
    ...(filtered > 0 ? [["filtered", filtered] as [string, number]] : []),
  ];
}

/** The same, with the values that did not fit their columns where there are any. */
export function runFigures(stats: Figures | null | undefined): [name: string, count: number][] {
  const unfit = Number(stats?.unfit ?? 0);
  return [
    ...rowFigures(stats),
    ...(unfit > 0 ? [["unfit values", unfit] as [string, number]] : []),
  ];
}
