/**
 * A site as an account sees it that lost the permission to browse one project: nothing says that
 * there was one.
 */
import type { Site } from "./site.ts";

type SeenSite = { site: Site; version: number; hidden: string; seen: Site };

/**
 * The site without the project, made again when one of them changes. Worklogs stay in the feeds, as
 * on a real site.
 */
export function siteViewer(): (site: Site, hidden: string | undefined) => Site {
  let kept: SeenSite | undefined;
  return (site, hidden) => {
    if (hidden === undefined) return site;
    if (kept?.site !== site || kept.version !== site.version || kept.hidden !== hidden) {
      kept = { site, version: site.version, hidden, seen: without(site, hidden) };
    }
    return kept.seen;
  };
}

function without(site: Site, hidden: string): Site {
  const issues = [...site.issues].filter(([, issue]) => issue.project.key !== hidden);
  const ids = new Set(issues.map(([id]) => id));
  const isSeen = ([, { issueId }]: [number, { issueId: number }]) => ids.has(issueId);
  const unseen = [...site.worklogs.values()].filter(({ issueId }) => !ids.has(issueId));

  return {
    ...site,
    projects: site.projects.filter(({ key }) => key !== hidden),
    issues: new Map(issues),
    issuesByKey: new Map([...site.issuesByKey].filter(([, { id }]) => ids.has(id))),
    comments: new Map([...site.comments].filter(isSeen)),
    worklogs: new Map([...site.worklogs].filter(isSeen)),
    hiddenWorklogs: [
      ...site.hiddenWorklogs,
      ...unseen.map(({ id, updated }) => ({ worklogId: id, time: updated })),
    ],
  };
}
