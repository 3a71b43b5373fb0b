/**
 * The marks on versions: a small JSON object in the stack's own artifacts bucket, which is versioned,
 * encrypted and protected already (docs/decisions/0201-what-releases-remember.md). Each write is conditional on what was read, so two
 * commands at the same time cannot lose each other's mark.
 */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { RELEASE_MARKS_KEY } from "../../infra/names.ts";
import { Refused } from "../support/refused.ts";
import type { Mark } from "./history.ts";

/** Enough for years; the oldest go first. */
const MOST_MARKS = 500;
const TRIES = 5;

interface Stored {
  readonly marks: readonly Mark[];
  /** Absent when there is no object yet. */
  readonly etag?: string | undefined;
}

export const readMarks = async (s3: S3Client, bucket: string): Promise<readonly Mark[]> =>
  (await read(s3, bucket)).marks;

/** Adds a mark; the one that says the same of the same version already is enough. */
export async function addMark(s3: S3Client, bucket: string, mark: Mark): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const { marks, etag } = await read(s3, bucket);
    const last = marks.findLast(({ version }) => version === mark.version);
    if (last?.outcome === mark.outcome && last.reason === mark.reason) return;
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: RELEASE_MARKS_KEY,
          Body: `${JSON.stringify({ marks: [...marks, mark].slice(-MOST_MARKS) }, undefined, 2)}\n`,
          ContentType: "application/json",
          ...(etag ? { IfMatch: etag } : { IfNoneMatch: "*" }),
        }),
      );
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw new Refused(`s3://${bucket}/${RELEASE_MARKS_KEY} keeps changing; run the command again`);
}

async function read(s3: S3Client, bucket: string): Promise<Stored> {
  try {
    const { Body, ETag } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: RELEASE_MARKS_KEY }),
    );
    const { marks } = JSON.parse((await Body?.transformToString()) ?? "") as { marks: Mark[] };
    return { marks, etag: ETag };
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return { marks: [] };
    if (error instanceof SyntaxError) {
      throw new Refused(
        `s3://${bucket}/${RELEASE_MARKS_KEY} is no JSON; put back an earlier version of the object`,
      );
    }
    throw error;
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof Error &&
  ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name);
