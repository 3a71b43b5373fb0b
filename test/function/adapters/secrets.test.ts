import { setImmediate as turn } from "node:timers/promises";
import { expect } from "chai";
import { awsSecrets, fixedSecrets } from "../../../function/adapters/secrets.ts";
import { type AwsCall, AwsError } from "../../../function/platform/aws/call.ts";
import { DependencyError } from "../../../function/platform/errors.ts";
import { CredentialsRefusedError } from "../../../function/platform/secrets.ts";
import { unsampled } from "../../../function/platform/tracing.ts";

const SECRETS = JSON.stringify({
  bank: "ledger/staging/bank",
  mail: "ledger/staging/mail",
  limit: "/ledger/staging/limit",
});

const call = (signal = new AbortController().signal) => ({ signal, trace: unsampled() });

/** Secrets of an AWS that is played here, with a clock that stands until it is moved. */
function world() {
  const asked: string[] = [];
  const clock = { ms: 1_000_000 };
  const values: Record<string, string | Error> = {
    "ledger/staging/bank": "first password",
    "ledger/staging/mail": "mail password",
    "/ledger/staging/limit": "100",
  };
  /** Answers wait for these to be called, where there are any. */
  const gate: { open?: Promise<void> } = {};
  const send = async ({ operation, input }: AwsCall) => {
    const { SecretId, VersionStage, Name } = input as Record<string, string>;
    const name = SecretId ?? Name ?? "";
    const id = VersionStage === "AWSPENDING" ? `${name} pending` : name;
    asked.push(id);
    await gate.open;
    const value = values[id];
    if (value instanceof Error) throw value;
    if (value === undefined) {
      throw new AwsError("ResourceNotFoundException", 400, "Secrets Manager can't find it.");
    }
    return operation === "GetParameter"
      ? { Parameter: { Value: value } }
      : { SecretString: value, VersionStages: [VersionStage] };
  };
  const secrets = awsSecrets({ SECRETS }, { send, now: () => clock.ms });
  return { secrets, asked, clock, values, gate };
}

async function failureOf(work: Promise<unknown>): Promise<Error & { readonly cause?: Error }> {
  try {
    await work;
  } catch (error) {
    return error as Error & { readonly cause?: Error };
  }
  throw new Error("nothing failed");
}

describe("secrets", () => {
  it("are read by name from where they are, when they are first asked for", async () => {
    const { secrets, asked } = world();
    expect(asked).to.deep.equal([]);
    expect(await secrets.secret("bank", call())).to.equal("first password");
    expect(await secrets.secret("limit", call())).to.equal("100");
    expect(asked).to.deep.equal(["ledger/staging/bank", "/ledger/staging/limit"]);
  });

  it("are kept for five minutes, and read again after that", async () => {
    const { secrets, asked, clock, values } = world();
    await secrets.secret("bank", call());
    values["ledger/staging/bank"] = "second password";
    clock.ms += 5 * 60_000 - 1;
    expect(await secrets.secret("bank", call())).to.equal("first password");
    clock.ms += 1;
    expect(await secrets.secret("bank", call())).to.equal("second password");
    expect(asked).to.have.length(2);
  });

  it("are read once for all who wait, and again for whoever comes later", async () => {
    const { secrets, asked, gate } = world();
    let open = (): void => {};
    gate.open = new Promise((done) => {
      open = done;
    });
    const waiting = [1, 2, 3].map(() => secrets.secret("bank", call()));
    await turn();
    open();
    expect(await Promise.all(waiting)).to.deep.equal(Array(3).fill("first password"));
    expect(asked).to.have.length(1);
  });

  it("let a caller go at its own deadline, and the others wait on", async () => {
    const { secrets, gate } = world();
    let open = (): void => {};
    gate.open = new Promise((done) => {
      open = done;
    });
    const deadline = new AbortController();
    const hasty = failureOf(secrets.secret("bank", call(deadline.signal)));
    const patient = secrets.secret("bank", call());
    deadline.abort(new Error("too late"));
    expect((await hasty).message).to.equal("too late");
    open();
    expect(await patient).to.equal("first password");
  });

  it("stay in use for an hour while AWS does not answer, and are not asked for at each call", async () => {
    const { secrets, asked, clock, values } = world();
    await secrets.secret("bank", call());
    values["ledger/staging/bank"] = new AwsError("NetworkError", 0, "unreachable");
    clock.ms += 6 * 60_000;
    expect(await secrets.secret("bank", call())).to.equal("first password");
    expect(await secrets.secret("bank", call())).to.equal("first password");
    expect(asked).to.have.length(2);
    clock.ms += 55 * 60_000;
    const error = await failureOf(secrets.secret("bank", call()));
    expect(error).to.be.instanceOf(DependencyError);
    expect(error.message).to.equal('Secret "bank" failed');
  });

  it("are not used once AWS says that the function may not read them any more", async () => {
    const { secrets, clock, values } = world();
    await secrets.secret("bank", call());
    values["ledger/staging/bank"] = new AwsError("AccessDeniedException", 400, "no");
    clock.ms += 6 * 60_000;
    expect((await failureOf(secrets.secret("bank", call()))).cause?.message).to.contain(
      "the function may not read ledger/staging/bank",
    );
  });

  for (const [what, key, answer, cause] of [
    [
      "a key that the config does not have",
      "bnak",
      undefined,
      /^no such key; add it to secrets in the stack's config, which has bank, mail, limit$/,
    ],
    [
      "a secret that does not exist",
      "bank",
      new AwsError("ResourceNotFoundException", 400, "x"),
      /^ledger\/staging\/bank does not exist: create it, or correct secrets\.bank in the stack's config$/,
    ],
    [
      "a parameter that does not exist",
      "limit",
      new AwsError("ParameterNotFound", 400, "x"),
      /secrets\.limit/,
    ],
    [
      "a secret that the role may not read",
      "bank",
      new AwsError("AccessDeniedException", 400, "x"),
      /secrets\.bank .*secretsKeyArns/,
    ],
    ["a key that is disabled", "bank", new AwsError("DecryptionFailure", 400, "x"), /KMS key/],
    ["anything else, in AWS's words", "bank", new AwsError("Odd", 400, "why"), /^Odd: why$/],
  ] as const) {
    it(`name the key, and what to do, for ${what}`, async () => {
      const { secrets, values } = world();
      for (const name of answer ? Object.keys(values) : []) values[name] = answer ?? "";
      const error = await failureOf(secrets.secret(key, call()));
      expect(error).to.be.instanceOf(DependencyError);
      expect(error.message).to.equal(`Secret "${key}" failed`);
      expect(error.cause?.message).to.match(cause);
    });
  }

  it("say so when they are not configured at all, at the first use and not before", async () => {
    const none = awsSecrets({}, { send: () => Promise.reject(new Error("not to be called")) });
    const { cause } = await failureOf(none.secret("bank", call()));
    expect(cause?.message).to.match(/no such key.*which has none$/);
  });
});

describe("work with a secret", () => {
  /** Somebody who takes one password, and keeps what was tried. */
  const taking = (accepted: string) => {
    const tried: string[] = [];
    const work = (value: string) => {
      tried.push(value);
      return value === accepted
        ? Promise.resolve("done")
        : Promise.reject(new CredentialsRefusedError("password authentication failed"));
    };
    return { tried, work };
  };

  it("is done once with what is known", async () => {
    const { secrets, asked } = world();
    const { tried, work } = taking("first password");
    expect(await secrets.withSecret("bank", call(), work)).to.equal("done");
    expect(await secrets.withSecret("bank", call(), work)).to.equal("done");
    expect(tried).to.have.length(2);
    expect(asked).to.have.length(1);
  });

  it("is repeated with the new value after a rotation", async () => {
    const { secrets, asked, values, clock } = world();
    await secrets.secret("bank", call());
    values["ledger/staging/bank"] = "second password";
    clock.ms += 1000;
    const { tried, work } = taking("second password");
    expect(await secrets.withSecret("bank", call(), work)).to.equal("done");
    expect(tried).to.deep.equal(["first password", "second password"]);
    expect(asked).to.have.length(2);
    // What was read stays.
    expect(await secrets.secret("bank", call())).to.equal("second password");
  });

  it("is repeated with the value that comes next, in the middle of a rotation", async () => {
    const { secrets, asked, values, clock } = world();
    values["ledger/staging/bank pending"] = "next password";
    clock.ms += 1000;
    const { tried, work } = taking("next password");
    expect(await secrets.withSecret("bank", call(), work)).to.equal("done");
    expect(tried).to.deep.equal(["first password", "next password"]);
    expect(asked.at(-1)).to.equal("ledger/staging/bank pending");
  });

  it("is not repeated with the same value, which would lock an account", async () => {
    const { secrets } = world();
    const { tried, work } = taking("something else");
    const error = await failureOf(secrets.withSecret("bank", call(), work));
    expect(error).to.be.instanceOf(CredentialsRefusedError);
    expect(tried).to.have.length(1);
  });

  it("is repeated once and no more", async () => {
    const { secrets, values } = world();
    await secrets.secret("bank", call());
    values["ledger/staging/bank"] = "second password";
    const { tried, work } = taking("third password");
    await failureOf(secrets.withSecret("bank", call(), work));
    expect(tried).to.have.length(2);
  });

  it("fails as it does where something else is wrong", async () => {
    const { secrets, asked } = world();
    const error = await failureOf(
      secrets.withSecret("bank", call(), () => Promise.reject(new Error("the network"))),
    );
    expect(error.message).to.equal("the network");
    expect(asked).to.have.length(1);
  });

  it("reads once for many that are refused at once", async () => {
    const { secrets, asked, values, clock } = world();
    await secrets.secret("bank", call());
    values["ledger/staging/bank"] = "second password";
    clock.ms += 1000;
    const { work } = taking("second password");
    await Promise.all([1, 2, 3, 4].map(() => secrets.withSecret("bank", call(), work)));
    expect(asked).to.have.length(2);
  });
});

describe("lines with secrets in them", () => {
  it("are written without", async () => {
    const { secrets, values } = world();
    values["ledger/staging/bank"] = JSON.stringify({
      user: "app",
      password: 'pa"ss\\word',
      port: 1,
    });
    await secrets.secret("bank", call());
    await secrets.secret("mail", call());
    const lines: string[] = [];
    const write = secrets.hiding((line) => lines.push(line));
    write(JSON.stringify({ error: 'login of app with pa"ss\\word failed' }));
    write("mail password: mail password");
    write("user app on port 1, limit 100");
    expect(lines).to.deep.equal([
      JSON.stringify({ error: "login of app with [secret] failed" }),
      "[secret]: [secret]",
      // Too short to be told from words.
      "user app on port 1, limit 100",
    ]);
  });

  it("are written as they are before anything was read", () => {
    const lines: string[] = [];
    world().secrets.hiding((line) => lines.push(line))("first password");
    expect(lines).to.deep.equal(["first password"]);
  });
});

describe("fixed secrets", () => {
  it("are what a test says", async () => {
    const secrets = fixedSecrets({ bank: "value" });
    expect(await secrets.secret("bank", call())).to.equal("value");
    expect(await secrets.withSecret("bank", call(), (value) => Promise.resolve(value))).to.equal(
      "value",
    );
  });
});
