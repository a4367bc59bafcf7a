import { type Answer, json, wholeNumber } from "../site/answer.ts";
import type { FeedEntry } from "./site.ts";
import type { Call, Route } from "./state.ts";

const PAGE = 1_000;
/** Neither feed shows the newest minute. */
const HELD_BACK_MS = 60_000;

export const worklogFeedRoutes: Route[] = [
  {
    method: "GET",
    path: "/worklog/updated",
    answer: (call) => feed(call, "updated", updatedEntries(call)),
  },
  {
    method: "GET",
    path: "/worklog/deleted",
    answer: (call) => feed(call, "deleted", call.sandbox.site.deletedWorklogs),
  },
];

/** Hidden issues' worklogs are listed too: the feed is the site's, not the account's. */
function updatedEntries({ sandbox: { site } }: Call): FeedEntry[] {
  const visible = [...site.worklogs.values()].map(({ id, updated }) => ({
    worklogId: id,
    time: updated,
  }));
  return [...visible, ...site.hiddenWorklogs];
}

function feed(
  { sandbox, query, origin }: Call,
  name: "updated" | "deleted",
  entries: readonly FeedEntry[],
): Answer {
  const since = wholeNumber(query, "since", 0);
  const newest = sandbox.now() - HELD_BACK_MS;
  const ready = entries
    .filter(({ time }) => time >= since && time <= newest)
    .sort((one, other) => one.time - other.time || one.worklogId - other.worklogId);
  const shown = ready.slice(0, pageEnd(ready));
  const until = shown.at(-1)?.time ?? since;
  const lastPage = shown.length === ready.length;
  const page = (from: number) => `${origin}/rest/api/3/worklog/${name}?since=${from}`;

  return json({
    values: shown.map(({ worklogId, time }) => ({ worklogId, updatedTime: time, properties: [] })),
    since,
    until,
    self: page(since),
    ...(lastPage ? {} : { nextPage: page(until) }),
    lastPage,
  });
}

/**
 * `since` is inclusive, so a page of nothing but one instant would come again for ever: such a page
 * grows past its end.
 */
function pageEnd(ready: readonly FeedEntry[]): number {
  const first = ready[0]?.time;
  const onlyOne = ready[PAGE - 1]?.time === first;
  if (!onlyOne) return PAGE;
  const next = ready.findIndex(({ time }) => time !== first);
  return next < 0 ? ready.length : next + 1;
}
