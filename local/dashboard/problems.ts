/** What a picture could not show, for those who do not look at it. */
import type { Dashboard } from "./body.ts";
import type { DashboardData } from "./data.ts";

export interface Problem {
  readonly title: string;
  readonly problem: string;
}

/** Each widget or line that was not drawn, with the reason; a line without data is none. */
export const problemsOf = ({ widgets }: Dashboard, data: DashboardData): Problem[] =>
  widgets.flatMap(({ title }, index) => {
    const shown = data.widgets[index];
    if (shown?.kind === "problem") return [{ title, problem: shown.problem }];
    if (shown?.kind !== "lines") return [];
    return shown.lines.flatMap(({ label, problem }) =>
      problem === undefined ? [] : [{ title: `${title}, ${label}`, problem }],
    );
  });
