/** Who may call: whether everybody who could call still can. Pure. */
import type { Security } from "./document.ts";

interface Note {
  readonly what: string;
  readonly isBreaking: boolean;
}

/** `before` and `after` are alternatives. Each old one must be enough for a new one, its scopes included. */
export function securityChanges(before: Security = [], after: Security = []): Note[] {
  const [old, now] = [before, after].map((all) => (all.length === 0 ? [{}] : all)) as [
    Security,
    Security,
  ];
  const locked = old.filter((one) => !now.some((wanted) => isEnough(one, wanted)));
  if (locked.length > 0) {
    const lost = locked.map(named).join(" or ");
    return [
      {
        what: `is not for callers with ${lost} any more, but with ${now.map(named).join(" or ")}`,
        isBreaking: true,
      },
    ];
  }
  const opened = now.filter((one) => !old.some((known) => isEnough(one, known)));
  return opened.length === 0
    ? []
    : [{ what: `is for callers with ${opened.map(named).join(" or ")} too`, isBreaking: false }];
}

type Demands = Security[number];

const isEnough = (given: Demands, wanted: Demands): boolean =>
  Object.entries(wanted).every(
    ([scheme, scopes]) =>
      scopes.every((scope) => given[scheme]?.includes(scope) ?? false) && scheme in given,
  );

const named = (demands: Demands): string => {
  const schemes = Object.entries(demands).map(([scheme, scopes]) =>
    scopes.length === 0 ? scheme : `${scheme} (${scopes.join(", ")})`,
  );
  return schemes.length === 0 ? "nothing" : schemes.join(" and ");
};
