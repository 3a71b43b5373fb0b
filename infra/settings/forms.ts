/** The forms of names that AWS and GitHub give out, each with the source of its rule. */

/**
 * Words and a number, joined by hyphens. AWS publishes a pattern for each partition (the SDK's partition data,
 * such as `^eusc\-(de)\-\w+\-\d+$`), and makes new ones: nothing here depends on which there are today.
 */
export const REGION = /^[a-z]+(?:-[a-z]+)+-\d+$/;

// Letters, digits and hyphens; names that an enterprise manages have an underscore before its short code
// (GitHub, "Username considerations for external authentication").
const OWNER = "[A-Za-z0-9_-]+";
// Letters, digits, `.`, `-` and `_`; GitHub makes other signs a hyphen, and takes `.git` off the end.
const NAME = String.raw`(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]+`;

/** A repository as `owner/name`. */
export const GITHUB_REPOSITORY = new RegExp(`^${OWNER}/${NAME}$`);

/** A person as `octocat`, or a team as `acme/operators`. */
export const GITHUB_REVIEWER = new RegExp(`^${OWNER}(?:/${NAME})?$`);

/** What the subject of GitHub's tokens begins with in its immutable form: `repo:owner@123/name@456`. */
export const GITHUB_SUBJECT_PREFIX = new RegExp(
  String.raw`^repo:${OWNER}@\d+/[A-Za-z0-9._-]+@\d+$`,
);

/** As Lambda's API states them for `VpcConfig`, with the most that it takes. */
export const SUBNET_ID = /^subnet-[0-9a-z]+$/;
export const MOST_SUBNETS = 16;
export const SECURITY_GROUP_ID = /^sg-[0-9a-zA-Z]+$/;
export const MOST_SECURITY_GROUPS = 5;

/**
 * A name that leads others. S3's rule for buckets is the narrowest of all that it leads: lower-case letters,
 * digits and hyphens, a letter or digit first, and none of the beginnings that S3 keeps for itself
 * (S3 User Guide, "General purpose bucket naming rules").
 */
export const SERVICE_NAME = /^(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]*$/;
