/** A reading that failed in part: what could not be read stays as it was, and that is said. Pure. */
import { type DashboardData, isUnread } from "../data.ts";

export interface Kept {
  readonly data: DashboardData;
  /** What is old in it and why, in a few words; absent when nothing is. */
  readonly note?: string;
}

export function keepingUnread(previous: DashboardData | undefined, next: DashboardData): Kept {
  const unread = next.widgets.filter(isUnread);
  const [first] = unread;
  if (first === undefined || previous === undefined) return { data: next };
  const widgets = next.widgets.map((widget, index) =>
    isUnread(widget) ? (previous.widgets[index] ?? widget) : widget,
  );
  return {
    data: { ...next, widgets },
    note: `${unread.length} of ${widgets.length} widgets are old: ${first.problem}`,
  };
}
