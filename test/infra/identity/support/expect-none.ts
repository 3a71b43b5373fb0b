/** Fails with every finding, one a line: an assertion library would cut the list. */
export function expectNone(findings: readonly string[], problem: string): void {
  if (findings.length === 0) return;
  throw new Error([problem, ...findings.map((finding) => `  ${finding}`)].join("\n"));
}
