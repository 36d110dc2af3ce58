// `reasons/SUITE.json`: cases that are not put to Cloudpack, each with a reason that a reader can check.
// [{ "match": "flags/*", "reason": "tests a command line that we do not have" }]; `*` stands for any text.
import { existsSync, readFileSync } from 'node:fs';

export function readReasons(name) {
  const file = new URL(`../reasons/${name}.json`, import.meta.url);
  const list = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  return list.map(({ match, reason }) => ({ match, reason, pattern: patternOf(match) }));
}

export const reasonFor = (reasons, id) => reasons.find((reason) => reason.pattern.test(id))?.reason;

/** A reason whose cases are gone must go as well. */
export const unusedReasons = (reasons, results) =>
  reasons.filter((reason) => !results.some((result) => isSkippedBy(reason, result)));

/** `names`: what else a suite knows a case by, its features for instance. */
export const isSkippedBy = (reason, { status, id, names = [id], detail }) =>
  status === 'skip' && detail === reason.reason && names.some((name) => reason.pattern.test(name));

function patternOf(match) {
  const parts = match.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
