/** Reads the demonstration's texts, which stand beside this file in `content/`. */
import { readFileSync } from "node:fs"

/** `file` is relative to `content/`: `toolshell/summary.md`. Throws where there is no such file. */
export function readContent(file: string): string {
    return readFileSync(new URL(`./content/${file}`, import.meta.url), "utf8")
}
