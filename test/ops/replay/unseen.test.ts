import { expect } from "chai";
import { unseenLine, unseenOf } from "../../../ops/replay/unseen.ts";

const depth = (visible: number, invisible: number) => ({ visible, invisible, hiddenSeconds: 120 });

describe("messages that cannot be seen", () => {
  const AT = Date.UTC(2026, 10, 25, 10, 0, 0);

  it("are those in another reader's hands before the run", () => {
    expect(unseenOf(depth(0, 1939), AT, 0)).to.deep.equal({ count: 1939, backMs: AT + 120_000 });
    expect(unseenOf(depth(61, 1939), AT, 61).count).to.equal(1939);
  });

  it("are fewer when some came back while the run went on", () => {
    expect(unseenOf(depth(61, 1939), AT, 1000).count).to.equal(1000);
    expect(unseenOf(depth(61, 1939), AT, 2500).count).to.equal(0);
  });

  it("are never more than were invisible: what was visible and not reached is something else", () => {
    expect(unseenOf(depth(500, 3), AT, 0).count).to.equal(3);
  });

  it("are said with when they come back", () => {
    expect(unseenLine(unseenOf(depth(0, 3), AT, 0))).to.match(
      /^3 messages are invisible: .* come back by 10:02:00 UTC/,
    );
    expect(unseenLine(unseenOf(depth(0, 1), AT, 0))).to.match(/^1 message is invisible/);
  });
});
