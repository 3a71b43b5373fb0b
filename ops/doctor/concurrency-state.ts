/** What is wrong with a stack's concurrency: a pure judgement of what AWS says of it. */
import {
  isProvisioned,
  isScaled,
  SCALING_ROLE_NAME,
  SCALING_SERVICE,
} from "../../infra/options/concurrency.ts";
import type { Settings } from "../../infra/settings/parse.ts";
import type { Finding } from "./check.ts";

export interface ConcurrencyFacts {
  readonly stack: string;
  readonly settings: Settings;
  /** The account's quota of calls at once, and what of it no function has reserved. */
  readonly account: { readonly quota: number; readonly unreserved: number };
  /** What this function has reserved now; 0 where it has nothing, or is stopped. */
  readonly reserved: number;
  /** Absent when nothing is kept warm. */
  readonly provisioned?: {
    readonly status: string;
    readonly reason?: string | undefined;
    readonly requested: number;
    readonly allocated: number;
  };
  /** Whether AWS has its role to scale by. */
  readonly hasScalingRole: boolean;
}

/** What AWS keeps for functions without a reservation (Lambda Developer Guide, "Configuring reserved concurrency"). */
const KEPT = 100;

const QUOTA = "aws service-quotas get-service-quota --service-code lambda --quota-code L-B99A9384";

export function judgeConcurrency(facts: ConcurrencyFacts): Finding[] {
  const { settings, stack } = facts;
  if (settings.reservedConcurrency === "stopped") {
    return [
      {
        severity: "warning",
        problem: "reservedConcurrency is stopped: Lambda throttles every call of the function",
        remedy: `when it may run again, set another value in Pulumi.${stack}.yaml and deploy`,
      },
    ];
  }
  return [...quota(facts), ...scalingRole(facts), ...provisioned(facts)];
}

function quota({ settings, account, reserved, provisioned }: ConcurrencyFacts): Finding[] {
  const { reservedConcurrency, provisionedConcurrency } = settings;
  const isReserved = typeof reservedConcurrency === "number";
  if (!isReserved && !isProvisioned(settings)) return [];
  // What is warm is taken from the reservation, where there is one.
  const [key, asked, has] = isReserved
    ? (["reservedConcurrency", reservedConcurrency, reserved] as const)
    : (["provisionedConcurrency", provisionedConcurrency, provisioned?.allocated ?? 0] as const);
  const left = Math.max(0, account.unreserved + has - KEPT);
  if (asked <= left || asked <= has) return [];
  return [
    {
      severity: "error",
      problem: `${key} is ${asked}, and the account can give ${left}: of its quota of ${account.quota} calls at once ${account.unreserved} are not reserved, and AWS keeps ${KEPT} of these`,
      remedy: `lower ${key}, or ask for a higher quota (${QUOTA})`,
    },
  ];
}

function scalingRole({ settings, hasScalingRole }: ConcurrencyFacts): Finding[] {
  if (!isScaled(settings) || hasScalingRole) return [];
  return [
    {
      severity: "error",
      problem: `the account has no role ${SCALING_ROLE_NAME}, by which AWS scales provisioned concurrency`,
      remedy: `as an administrator, once: aws iam create-service-linked-role --aws-service-name ${SCALING_SERVICE}`,
    },
  ];
}

function provisioned({ stack, settings, provisioned: now }: ConcurrencyFacts): Finding[] {
  if (!isProvisioned(settings)) return [];
  if (!now) {
    return [
      {
        severity: "warning",
        problem: `nothing is kept warm, and provisionedConcurrency is ${settings.provisionedConcurrency}`,
        remedy: `deploy the stack; then run this again: npm run doctor -- --stack ${stack}`,
      },
    ];
  }
  if (now.status === "FAILED") {
    return [
      {
        severity: "error",
        problem: `Lambda could not keep ${now.requested} environments warm, and has ${now.allocated}: ${now.reason ?? "it gives no reason"}`,
        remedy: `when the version cannot start, roll back: npm run rollback -- --stack ${stack} --reason "…"; else lower provisionedConcurrency`,
      },
    ];
  }
  // Schedules have ranges of their own, which may begin lower.
  const fewest = Math.min(
    settings.provisionedConcurrency,
    ...settings.provisionedConcurrencySchedules.map(({ minimum }) => minimum),
  );
  if (now.requested >= fewest) return [];
  return [
    {
      severity: "warning",
      problem: `${now.requested} environments are kept warm, and the config wants ${fewest} at least: auto scaling could not, or somebody has changed it by hand`,
      remedy: `see why: aws application-autoscaling describe-scaling-activities --service-namespace lambda --region ${settings.region}`,
    },
  ];
}
