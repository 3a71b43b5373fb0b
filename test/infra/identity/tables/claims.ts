/**
 * What docs/security.md says that nobody can do, sentence by sentence, with the attacks that try it. The proof
 * denies every attack of the tables; here each sentence finds its own.
 */
import type { RoleKey } from "../support/program.ts";

export interface Claim {
  /** The sentence, or the cell of a table, as it stands. */
  readonly sentence: string;
  /** Whose rights it speaks of; `boundary` for whatever a role under the boundary could be given. */
  readonly of: RoleKey | "boundary";
  /** Attacks of the tables by their names. */
  readonly attacks: readonly string[];
}

export const CLAIMS: readonly Claim[] = [
  {
    sentence:
      "no resource policy admits anyone; CodeDeploy's role names this account; CI cannot let anyone call the function, but for API Gateway where there is an API",
    of: "deploy",
    attacks: ["let another account call the function", "put the function on the internet"],
  },
  {
    sentence: "It cannot get more rights.",
    of: "deploy",
    attacks: [
      "run code as an administrator",
      "run code as the deploy role",
      "make a role without a boundary",
      "make a role under a weaker boundary",
      "take the boundary off",
      "exchange the boundary",
      "write rights into a role without a boundary",
      "attach AdministratorAccess to the execution role",
      "write a new version of the boundary",
      "go back to an older, wider version of the boundary",
      "write rights into the deploy role",
      "attach a policy to the deploy role",
      "make a policy of one's own",
      "take another role",
    ],
  },
  {
    sentence: "It cannot say who takes a role, so it cannot outlast its hour in one.",
    of: "deploy",
    attacks: [
      "let a stranger take a runtime role for good",
      "make a role under the boundary that a stranger may take",
      "delete a runtime role, to make it again with another trust",
      "lengthen the sessions of a runtime role",
      "widen the deploy role's trust",
      "lengthen the deploy role's sessions",
      "let the provider take another audience",
      "add a provider of one's own",
      "make a user with keys that last",
      "make keys for an administrator",
    ],
  },
  {
    sentence: "It cannot touch the other environment.",
    of: "deploy",
    attacks: [
      "change the other environment's code",
      "move the other environment's alias",
      "deploy to the other environment",
      "silence the other environment's alarm",
      "delete the other environment's logs",
      "delete the other environment's dead letters",
      "plant code for the other environment",
      "read the other environment's state",
      "decrypt the other environment's secrets",
      "write the other environment's role",
      "take the other environment's deploy role",
    ],
  },
  {
    sentence: "It cannot read dead letters or logs.",
    of: "deploy",
    attacks: [
      "read customers' dead letters",
      "read customers' log lines",
      "open the dead letters by the queue's own policy",
      "open the dead letters by a permission",
      "make the queue again with a policy of one's own",
      "move dead letters to a queue of one's own",
      "send the logs elsewhere",
      "send what the service logs to an account of one's own",
    ],
  },
  {
    sentence: "It cannot make an alarm act on anything but the service's topics.",
    of: "deploy",
    attacks: [
      "let an alarm stop machines",
      "let an alarm terminate machines",
      "let an alarm run an automation",
      "let an alarm call somebody's function",
      "let an alarm tell another team's topic",
      "let an alarm stop machines beside telling a topic",
    ],
  },
  {
    sentence: "It cannot turn off CloudTrail.",
    of: "deploy",
    attacks: ["turn off CloudTrail"],
  },
  {
    sentence: "**Any runtime role**: what its column above says, and never more than the boundary.",
    of: "boundary",
    attacks: [
      "take another role",
      "write a role",
      "take off its own boundary",
      "make a user",
      "pass a role on",
      "read the state",
      "decrypt secrets",
      "change code",
      "start machines",
      "read or lose dead letters",
      "touch what is deployed, what releases remember, or the state",
      "work on what is the other environment's",
      "work on what is another service's",
      "run what nothing has judged",
    ],
  },
];
