import { refuse } from "./refusal.ts"

const nameMax = 100

/** Refuses `artifact.bad_name` unless the name is a plain file name with an ending, safe on every system. */
export function validateFileName(name: string): void {
    if (!(/^[A-Za-z0-9][A-Za-z0-9._-]*\.[A-Za-z0-9]{1,8}$/.test(name) && name.length <= nameMax)) {
        refuse("invalid", "artifact.bad_name", "a file name has letters, digits, `.`, `_`, `-`, and an ending")
    }
}
