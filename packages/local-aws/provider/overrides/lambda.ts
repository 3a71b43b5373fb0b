import { type Override, digits, type AwsLocation, regionalArn, text } from "../aws-types.ts";

const invokeArn = (location: AwsLocation, functionArn: string): string =>
  `arn:${location.partition}:apigateway:${location.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

/** Changes that AWS makes on the function itself, without a new version. */
const UNVERSIONED = new Set(["tags", "tagsAll", "reservedConcurrentExecutions", "publish"]);
const publishes = (changed: readonly string[]): boolean =>
  changed.some((key) => !UNVERSIONED.has(key));

export const lambda: Readonly<Record<string, Override>> = {
  "aws:lambda/function:Function": {
    nameKey: "name",
    replaceOn: ["name", "packageType"],
    id: ({ inputs }) => text(inputs, "name"),
    computed: ({ location, inputs, previous, changed }) => {
      const arn = regionalArn(location, "lambda", `function:${text(inputs, "name")}`);
      const before = Number(previous?.["version"] ?? 0);
      const next = previous === undefined || publishes(changed) ? before + 1 : before;
      const version = inputs["publish"] === true ? String(next) : "$LATEST";
      return {
        arn,
        version,
        invokeArn: invokeArn(location, arn),
        qualifiedArn: `${arn}:${version}`,
        qualifiedInvokeArn: invokeArn(location, `${arn}:${version}`),
        // A sum over the inputs, not AWS's own of the zip.
        sourceCodeHash: text(inputs, "sourceCodeHash") || digits(JSON.stringify(inputs), 44),
        lastModified: "2026-01-01T00:00:00.000+0000",
        sourceCodeSize: 0,
      };
    },
    renewed: (changed) =>
      publishes(changed) ? ["version", "qualifiedArn", "qualifiedInvokeArn", "lastModified"] : [],
  },
  "aws:lambda/alias:Alias": {
    nameKey: "name",
    replaceOn: ["functionName", "name"],
    id: ({ location, inputs }) => aliasArn(location, inputs),
    computed: ({ location, inputs }) => {
      const arn = aliasArn(location, inputs);
      return { arn, invokeArn: invokeArn(location, arn) };
    },
  },
  "aws:lambda/permission:Permission": {
    replaceOn: [
      "action",
      "eventSourceToken",
      "function",
      "functionUrlAuthType",
      "principal",
      "principalOrgId",
      "qualifier",
      "sourceAccount",
      "sourceArn",
      "statementId",
    ],
    nameKey: "statementId",
    id: ({ inputs }) => text(inputs, "statementId"),
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    replaceOn: ["functionName", "qualifier"],
    id: ({ inputs }) => {
      const qualifier = text(inputs, "qualifier");
      return text(inputs, "functionName") + (qualifier && `:${qualifier}`);
    },
  },
};

/** `functionName` may be a name or an ARN. */
function aliasArn(location: AwsLocation, inputs: Readonly<Record<string, unknown>>): string {
  const target = text(inputs, "functionName");
  const arn = target.startsWith("arn:")
    ? target
    : regionalArn(location, "lambda", `function:${target}`);
  return `${arn}:${text(inputs, "name")}`;
}
