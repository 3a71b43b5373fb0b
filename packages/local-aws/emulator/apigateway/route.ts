/**
 * Which resource a path means (API Gateway developer guide, "Set up API resources", and for HTTP APIs "Create routes"):
 * a part that is written out goes before a parameter, that before a greedy one.
 */
export interface Matched<Route> {
  readonly route: Route;
  /** Values of the path's parameters, as they were sent. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The routes that a path matches, the most exact ones first. */
export function matching<Route>(
  routes: readonly Route[],
  pathOf: (route: Route) => string,
  path: string,
): readonly Matched<Route>[] {
  const parts = partsOf(path);
  const found = routes.flatMap((route) => {
    const match = matchPath(partsOf(pathOf(route)), parts);
    return match ? [{ route, ...match }] : [];
  });
  return found
    .sort((one, other) => other.rank.localeCompare(one.rank))
    .map(({ route, parameters }) => ({ route, parameters }));
}

const partsOf = (path: string): readonly string[] =>
  path.replace(/^\//, "").replace(/\/$/, "").split("/");

function matchPath(
  pattern: readonly string[],
  parts: readonly string[],
): { readonly parameters: Record<string, string>; readonly rank: string } | undefined {
  const parameters: Record<string, string> = {};
  let rank = "";
  for (const [index, part] of pattern.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(part)?.[1];
    const name = greedy ?? /^\{(.+)\}$/.exec(part)?.[1];
    const value = parts[index];
    if (value === undefined) return undefined;
    if (greedy !== undefined) {
      const rest = parts.slice(index).join("/");
      if (rest === "") return undefined;
      parameters[greedy] = rest;
      return { parameters, rank: `${rank}0` };
    }
    if (name === undefined) {
      if (part !== value) return undefined;
      rank += "2";
    } else {
      if (value === "") return undefined;
      parameters[name] = value;
      rank += "1";
    }
  }
  return pattern.length === parts.length ? { parameters, rank } : undefined;
}
