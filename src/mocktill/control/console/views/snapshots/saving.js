// A snapshot is saved, or comes from a file; one of the same name is replaced only when somebody says so.
import { Refused, ask, path } from "../../control.js";
import { change } from "../../parts/change.js";
import { confirm } from "../../parts/dialog.js";
import { say } from "../../parts/notice.js";
import { unsendable } from "../../parts/written.js";

const NAMELESS = unsendable("/snapshot", "a name is needed, without a slash");

/** Save the sandbox as it is now, under the name in a form; what is wrong with it is said there. */
export function save(draft, field, snapshots) {
  const name = draft.get(field.name).trim();
  if (!name || name.includes("/") || /^\.+$/.test(name)) return draft.refuse(NAMELESS, [field]);
  sparing(name, snapshots, async () => {
    try {
      await ask("PUT", path`snapshots/${name}`);
      draft.clear();
      say(`Saved: ${name}.`);
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      draft.refuse(thrown, [field]);
    }
  });
}

/** Keep a file as a snapshot, under the file's name. */
export function upload(file, snapshots) {
  const name = file.name.replace(/\.json$/i, "");
  sparing(name, snapshots, () => change(() => ask("PUT", path`snapshots/${name}`, file), `Uploaded: ${name}.`));
}

function sparing(name, snapshots, doing) {
  if (!snapshots.some((one) => one.name === name)) return doing();
  confirm(`Replace ${name}?`, "There is a snapshot of this name. What it has is gone then.", "Replace", doing);
}
