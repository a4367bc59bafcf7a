/** The workflow of every project: any status leads to any other. */
import { STATUSES } from "./catalogue.ts";
import type { Issue } from "./site.ts";

type Transition = { id: string; name: string; to: (typeof STATUSES)[number] };

export function transitionsOf({ fields }: Issue): Transition[] {
  const { id } = fields.status as { id: string };
  return STATUSES.filter((status) => status.id !== id).map((to) => ({
    id: `1${to.id}`,
    name: to.name,
    to,
  }));
}

export function transitionNamed(issue: Issue, id: unknown): Transition | undefined {
  return transitionsOf(issue).find((transition) => transition.id === id);
}
