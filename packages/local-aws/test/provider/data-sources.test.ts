import { expect } from "chai";
import { standInLocation } from "../../provider/aws-outputs.ts";
import { answer } from "../../provider/data-sources.ts";
import { UnknownToken } from "../../provider/unknown-token.ts";

describe("answers to data sources", () => {
  const location = standInLocation("eu-west-1");
  const ask = (token: string, args = {}, own = {}) => answer(token, args, location, own);

  it("have what the SDK promises, in the form that the resource has", () => {
    const { values, madeUp } = ask("aws:ssm/getParameter:getParameter", { name: "/orders/limit" });

    expect(madeUp).to.equal(true);
    expect(values).to.include({
      name: "/orders/limit",
      arn: "arn:aws:ssm:eu-west-1:123456789012:parameter/orders/limit",
      version: 1,
    });
    expect(values["value"]).to.be.a("string").and.not.equal("");
  });

  it("hold two of a list of ids, each as EC2 forms it", () => {
    const { ids } = ask("aws:ec2/getSubnets:getSubnets", { filters: [] }).values as {
      ids: string[];
    };

    expect(ids).to.have.length(2);
    expect(new Set(ids).size).to.equal(2);
    for (const id of ids) expect(id).to.match(/^subnet-[0-9a-f]{17}$/);
  });

  it("are the program's own where it has some, for all arguments or by them", () => {
    const token = "aws:ssm/getParameter:getParameter";
    const fixed = ask(token, { name: "/a" }, { [token]: { value: "7" } });
    const byName = ask(token, { name: "/a" }, { [token]: (args: object) => ({ value: args }) });

    expect(fixed.madeUp).to.equal(false);
    expect(fixed.values).to.include({ value: "7", name: "/a" });
    expect(byName.values["value"]).to.deep.equal({ name: "/a" });
  });

  it("are known of the account, region and partition", () => {
    const identity = ask("aws:index/getCallerIdentity:getCallerIdentity");

    expect(identity).to.deep.include({ madeUp: false });
    expect(identity.values).to.include({ accountId: "123456789012" });
    expect(ask("aws:index/getRegion:getRegion").values["region"]).to.equal("eu-west-1");
  });

  it("are refused for a function that the SDK does not have", () => {
    expect(() => ask("aws:ssm/getParametre:getParametre")).to.throw(UnknownToken, "no function");
  });
});
