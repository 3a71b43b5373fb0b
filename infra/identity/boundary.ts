/**
 * The permissions boundary: the most that any of the runtime roles can ever do, whatever CI writes into them.
 * It allows what the three do, what a service is expected to be given as it grows, and nothing of IAM, STS or
 * the state. Of KMS it allows what an option that is on asks for.
 */
import type { AwsLocation } from "../arns.ts";
import { optionReserved } from "../options.ts";
import { isKeyRight, keyBoundary } from "../options/encryption.ts";
import { flowLogsRights } from "../options/network.ts";
import { functionSettings } from "../functions/settings.ts";
import { ANY_FUNCTION } from "../names.ts";
import type { Settings } from "../settings/parse.ts";
import { beyond, expectedAdditions, reserved } from "./additions.ts";
import { fitting } from "./compact.ts";
import type { PolicyDocument, Statement } from "./document.ts";
import {
  codeDeployRolePolicy,
  hookRolePolicy,
  teamRights,
  templateRights,
} from "./runtime-policies.ts";

export function boundaryPolicy(location: AwsLocation, settings: Settings): PolicyDocument {
  const of = (role: string, statements: readonly Statement[]): readonly Statement[] =>
    statements.map((statement) => ({ ...statement, Sid: `${role}${statement.Sid}` }));
  const additions = expectedAdditions(location, settings);
  const { functions } = settings;
  // By a pattern that stands for all functions: what a role may do with which, its own policy says.
  const any = functions.length === 0 ? settings : { ...settings, functionId: ANY_FUNCTION };
  return fitting(
    merged([
      ...of("Function", withoutKey(beyond(additions, templateRights(location, any)))),
      ...of("Hook", withoutKey(hookRolePolicy(location, any).Statement)),
      ...of("CodeDeploy", codeDeployRolePolicy(location, any).Statement),
      ...of("FlowLogs", flowLogsRights(location, settings)),
      ...keyBoundary(location, settings),
      ...additions,
      ...[settings, ...functions.map((own) => functionSettings(settings, own))].flatMap((one) =>
        of(
          `Own${one.functionId ?? ""}`,
          beyond(additions, teamRights(location, one)).filter(({ Effect }) => Effect === "Allow"),
        ),
      ),
      ...reserved(location, settings),
      ...optionReserved(location, settings),
    ]),
  );
}

const withoutKey = (statements: readonly Statement[]): readonly Statement[] =>
  statements.filter((statement) => !isKeyRight(statement));

/** Statements of the same actions under the same condition as one: a managed policy has 6,144 characters. */
function merged(statements: readonly Statement[]): readonly Statement[] {
  const groups = Map.groupBy(statements, ({ Effect, Action, Condition }) =>
    JSON.stringify([Effect, Action, Condition]),
  );
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [
          {
            ...first,
            Resource: [...new Set([first, ...more].flatMap(({ Resource = [] }) => Resource))],
          },
        ],
  );
}
