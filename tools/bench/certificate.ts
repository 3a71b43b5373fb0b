/** A certificate of our own for 127.0.0.1, as RFC 5280 has it: Node makes keys but no certificates. */
import { generateKeyPairSync, sign } from "node:crypto";

/** One value of DER: its tag, its length, its content. */
function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(content);
  const { length } = bytes;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...size]), bytes]);
}

const hex = (text: string): Uint8Array => Buffer.from(text, "hex");
const sequence = (...content: readonly Uint8Array[]): Uint8Array => der(0x30, ...content);
const oid = (text: string): Uint8Array => der(0x06, hex(text));
const time = (date: Date): Uint8Array =>
  der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, "")}Z`));

const SHA256_WITH_RSA = sequence(oid("2a864886f70d01010b"), der(0x05));
const COMMON_NAME = "550403";
const SUBJECT_ALTERNATIVE_NAME = "551d11";
const LOOPBACK = hex("7f000001");

/** A key and its certificate as PEM, good for a day. */
export function selfSigned(now = new Date()): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const name = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from("loopback")))));
  const day = 86_400_000;
  const signed = sequence(
    der(0xa0, der(0x02, hex("02"))),
    der(0x02, hex("01")),
    SHA256_WITH_RSA,
    name,
    sequence(time(new Date(now.getTime() - day)), time(new Date(now.getTime() + day))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(sequence(oid(SUBJECT_ALTERNATIVE_NAME), der(0x04, sequence(der(0x87, LOOPBACK))))),
    ),
  );
  const signature = sign("sha256", signed, privateKey);
  const certificate = sequence(signed, SHA256_WITH_RSA, der(0x03, hex("00"), signature));
  const text = Buffer.from(certificate).toString("base64").replaceAll(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
  };
}
