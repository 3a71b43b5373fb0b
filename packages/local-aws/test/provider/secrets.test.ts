import { expect } from "chai";
import { holdsSecret, seal, sealLike, unseal } from "../../provider/secrets.ts";

describe("secrets on the wire", () => {
  const inputs = { name: seal("hidden"), tags: { plain: "shown", key: seal("hidden") }, size: 3 };

  it("are found and laid open at any depth", () => {
    expect(Object.values(inputs).map(holdsSecret)).to.deep.equal([true, true, false]);
    expect(unseal(inputs)).to.deep.equal({
      name: "hidden",
      tags: { plain: "shown", key: "hidden" },
      size: 3,
    });
  });

  it("seal the outputs that they went into, and what was made from them", () => {
    const outputs = {
      name: "hidden",
      tags: { plain: "shown" },
      size: 3,
      arn: "arn:aws:hidden",
      id: "x",
    };
    const sealed = sealLike(outputs, inputs);

    expect(sealed["name"]).to.deep.equal(inputs.name);
    expect(sealed["tags"]).to.deep.equal(inputs.tags);
    expect(sealed["arn"]).to.deep.equal(seal("arn:aws:hidden"));
    expect([sealed["size"], sealed["id"]]).to.deep.equal([3, "x"]);
  });

  it("are not sealed twice", () => {
    expect(seal(seal("hidden"))).to.deep.equal(seal("hidden"));
  });
});
