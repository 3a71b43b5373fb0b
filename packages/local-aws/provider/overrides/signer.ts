/** AWS Signer: a job copies one object to a signed one whose name it draws. */
import { type Override, type Properties, type Resource, text, uuid } from "../aws-types.ts";

const jobId = ({ inputs }: Resource): string => uuid(`signing-job/${JSON.stringify(inputs)}`);

const destination = ({ inputs }: Resource): Properties => {
  const { s3 } = (inputs["destination"] ?? {}) as { readonly s3?: Properties };
  return s3 ?? {};
};

export const signer: Readonly<Record<string, Override>> = {
  "aws:signer/signingJob:SigningJob": {
    // A job is over when it is done: any other input is another job.
    replaceOn: ["profileName", "source", "destination", "ignoreSigningJobFailure"],
    id: jobId,
    computed: (resource) => {
      const bucket = text(destination(resource), "bucket");
      const key = `${text(destination(resource), "prefix")}${jobId(resource)}.zip`;
      return {
        jobId: jobId(resource),
        status: "Succeeded",
        signedObjects: [{ s3s: [{ bucket, key }] }],
      };
    },
  },
};
