// Mocha's own spec report, closed by one plain line that counts the run.
import Mocha from "mocha";

class CountedSpec extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : "";
    console.log(`${passes} passed, ${failures} failed${skipped}`);
  }
}

export default CountedSpec;
