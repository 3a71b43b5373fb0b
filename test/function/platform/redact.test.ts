import { expect } from "chai";
import { redact } from "../../../function/platform/redact.ts";

const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value, redact));

describe("redact", () => {
  for (const key of [
    "password",
    "dbPassword",
    "client_secret",
    "accessToken",
    "Authorization",
    "set-cookie",
    "apiKey",
    "x-api-key",
    "privateKey",
    "credentials",
    "email",
    "e-mail",
    "phoneNumber",
    "dateOfBirth",
    "ssn",
    "iban",
    "cardNumber",
    "streetAddress",
    "firstName",
    "last_name",
    "userName",
  ]) {
    it(`hides the value of ${key}, whatever it is`, () => {
      expect(written({ a: [{ [key]: "v" }], [key]: { nested: 1 } })).to.deep.equal({
        a: [{ [key]: "[redacted]" }],
        [key]: "[redacted]",
      });
    });
  }

  it("leaves what logs are read for", () => {
    const line = {
      level: "INFO",
      message: "m",
      function_name: "f",
      function_request_id: "r",
      correlation_id: "c",
      error: { name: "TypeError", message: "m", stack: "s", location: "l" },
      id: "1",
    };

    expect(written(line)).to.deep.equal(line);
  });

  it("cuts long strings, and says how long they were", () => {
    expect(written({ text: "x".repeat(10_000) }))
      .to.have.property("text")
      .that.has.length.below(4200)
      .and.contains("10000 characters");
  });
});
