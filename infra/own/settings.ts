/**
 * Your service's own config keys, each with the rule for its value. Declare each in Pulumi.yaml too, with its
 * type, meaning and default. They arrive in `Settings` beside the template's own.
 *
 *     ordersPageSize: integer(1, 100, "orders"),
 */
import type { Rule } from "../settings/rules.ts";

export const OWN_RULES = {} as const satisfies Readonly<Record<string, Rule<unknown>>>;
