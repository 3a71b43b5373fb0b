/**
 * The release records: a small JSON object in the stack's own artifacts bucket, which is versioned, encrypted
 * and protected already (docs/decisions/0201-what-releases-remember.md). Each write is conditional on what was
 * read, so two commands at the same time cannot lose each other's record, and the order of the records is the
 * order of the writes.
 */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { releaseRecordsKey } from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { readCaller } from "../support/caller.ts";
import { Refused } from "../support/refused.ts";
import type { ReleaseRecord } from "./history.ts";

/** Enough for years; the oldest go first. */
const MOST_RECORDS = 500;
const TRIES = 8;

/** Whose records: each function of a service has an object of its own. */
export type RecordsOf = Pick<StackOutputs, "artifactsBucketName" | "functionId">;

interface Stored {
  readonly records: readonly ReleaseRecord[];
  /** Absent when there is no object yet. */
  readonly etag?: string | undefined;
}

export const readReleaseRecords = async (
  s3: S3Client,
  of: RecordsOf,
): Promise<readonly ReleaseRecord[]> => (await read(s3, of)).records;

/** Writes a record down, with who it is and when by AWS's clock. */
export async function record(
  clients: AwsClients,
  of: RecordsOf,
  finding: Omit<ReleaseRecord, "at" | "by">,
): Promise<void> {
  const { arn: by } = await readCaller(clients.sts);
  const at = new Date(clients.now()).toISOString();
  await addReleaseRecord(clients.s3, of, { ...finding, at, by });
}

/** Adds a record; the last one of its version that says the same is enough. */
export async function addReleaseRecord(
  s3: S3Client,
  of: RecordsOf,
  releaseRecord: ReleaseRecord,
): Promise<void> {
  const bucket = of.artifactsBucketName;
  const key = releaseRecordsKey(of);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const { records, etag } = await read(s3, of);
    const last = records.findLast(({ version }) => version === releaseRecord.version);
    if (last && saysTheSame(last, releaseRecord)) return;
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: `${JSON.stringify({ records: [...records, releaseRecord].slice(-MOST_RECORDS) }, undefined, 2)}\n`,
          ContentType: "application/json",
          ...(etag ? { IfMatch: etag } : { IfNoneMatch: "*" }),
        }),
      );
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw new Refused(`s3://${bucket}/${key} keeps changing`, "run the command again");
}

const saysTheSame = (left: ReleaseRecord, right: ReleaseRecord): boolean =>
  left.outcome === right.outcome &&
  left.deploymentId === right.deploymentId &&
  left.to === right.to &&
  (left.deploymentId !== undefined || left.reason === right.reason);

async function read(s3: S3Client, of: RecordsOf): Promise<Stored> {
  const bucket = of.artifactsBucketName;
  const key = releaseRecordsKey(of);
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const { records } = JSON.parse((await Body?.transformToString()) ?? "") as Partial<Stored>;
    if (!Array.isArray(records)) throw new SyntaxError("no records");
    return { records: records as readonly ReleaseRecord[], etag: ETag };
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return { records: [] };
    if (error instanceof SyntaxError) {
      throw new Refused(
        `s3://${bucket}/${key} does not hold release records in JSON`,
        "put back an earlier version of the object",
      );
    }
    throw error;
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name);
