/**
 * The marks on versions: a small JSON object in the stack's own artifacts bucket, which is versioned,
 * encrypted and protected already (docs/decisions/0201-what-releases-remember.md). Each write is conditional on what was read, so two
 * commands at the same time cannot lose each other's mark.
 */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { RELEASE_RECORDS_KEY } from "../../infra/names.ts";
import { Refused } from "../support/refused.ts";
import type { ReleaseRecord } from "./history.ts";

/** Enough for years; the oldest go first. */
const MOST_RECORDS = 500;
const TRIES = 5;

interface Stored {
  readonly records: readonly ReleaseRecord[];
  /** Absent when there is no object yet. */
  readonly etag?: string | undefined;
}

export const readReleaseRecords = async (
  s3: S3Client,
  bucket: string,
): Promise<readonly ReleaseRecord[]> => (await read(s3, bucket)).records;

/** Adds a mark; the one that says the same of the same version already is enough. */
export async function addReleaseRecord(
  s3: S3Client,
  bucket: string,
  releaseRecord: ReleaseRecord,
): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const { records, etag } = await read(s3, bucket);
    const last = records.findLast(({ version }) => version === releaseRecord.version);
    if (last?.outcome === releaseRecord.outcome && last.reason === releaseRecord.reason) return;
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: RELEASE_RECORDS_KEY,
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
  throw new Refused(`s3://${bucket}/${RELEASE_RECORDS_KEY} keeps changing; run the command again`);
}

async function read(s3: S3Client, bucket: string): Promise<Stored> {
  try {
    const { Body, ETag } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: RELEASE_RECORDS_KEY }),
    );
    const { records } = JSON.parse((await Body?.transformToString()) ?? "") as {
      records: ReleaseRecord[];
    };
    return { records, etag: ETag };
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return { records: [] };
    if (error instanceof SyntaxError) {
      throw new Refused(
        `s3://${bucket}/${RELEASE_RECORDS_KEY} is no JSON; put back an earlier version of the object`,
      );
    }
    throw error;
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name);
