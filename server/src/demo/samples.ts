/** Lists harmless samples for testing the demonstration's rules before release: log lines and requests. */
import type { SampleExpectation, Sample } from "../share/artifacts/sample.ts"
import { readContent } from "./content.ts"

const samples: Readonly<Record<string, readonly (readonly [SampleExpectation, string])[]>> = {
    "toolshell/request-web-log.yml": [
        ["hit", "toolshell/samples/pane-request.jsonl"],
        ["miss", "toolshell/samples/honest-edit.jsonl"],
    ],
    "toolshell/worker-process.yml": [
        ["hit", "toolshell/samples/interpreter.json"],
        ["miss", "toolshell/samples/inventory.json"],
    ],
    "toolshell/layouts-page.yar": [
        ["hit", "toolshell/samples/web-log.txt"],
        ["miss", "toolshell/samples/honest-log.txt"],
    ],
    "bypass/request-web-log.yml": [
        ["hit", "bypass/samples/pane-request.json"],
        ["miss", "bypass/samples/honest-edit.json"],
    ],
}

/** Returns the samples of a text, by its path for `readContent`. */
export function samplesOf(file: string): Sample[] {
    const listed = Object.hasOwn(samples, file) ? (samples[file] ?? []) : []
    return listed.map(([must, sample]) => ({
        name: sample.slice(sample.lastIndexOf("/") + 1),
        must,
        content: readContent(sample),
        base64: false,
    }))
}
