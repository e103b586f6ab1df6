/** Reads the demonstration's texts from `content/`. */
import { readFileSync } from "node:fs"

/** Reads a file by its path under `content/`, such as `toolshell/summary.md`. Throws where it does not exist. */
export function readContent(file: string): string {
    return readFileSync(new URL(`./content/${file}`, import.meta.url), "utf8")
}
